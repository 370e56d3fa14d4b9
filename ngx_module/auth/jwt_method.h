// The method "jwt": JSON Web Tokens, verified here.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>

#include "ngx_module/auth/jwt_use.h"
#include "ngx_module/auth/outcome.h"

namespace gatehouse::auth_feature {

/// From postconfiguration: key sets of the board are taken from then on.
void prepare_jwt();

/// Whether the text has the form of a JWT. What has it is never looked for among API tokens.
bool looks_like_jwt(std::string_view text) noexcept;

/// A token that was verified before costs a hash and a comparison, until it expires, or any key or
/// rule has changed.
Outcome try_jwt(const JwtUse* use, std::string_view token, Purpose purpose);

}  // namespace gatehouse::auth_feature
