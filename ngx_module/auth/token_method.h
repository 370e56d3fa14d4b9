// The method "token": API tokens, by the tables that the sidecar publishes.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>

#include "ngx_module/auth/outcome.h"

namespace gatehouse::auth_feature {

/// From postconfiguration: tables of tokens are taken from then on.
void prepare_tokens();

/// A token that was found good before costs a hash and a comparison, until the tables change. A use
/// that is accepted is told to the sidecar some seconds later.
Outcome try_token(ngx_http_request_t& r, std::string_view token);

}  // namespace gatehouse::auth_feature
