// $gate_identity: who a request is from, signed, for those behind the proxy to believe.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth_feature {

/// From postconfiguration: the key is taken from the board from then on.
void prepare_signing();

/// A JWT (src/auth/identity_claims.h), made anew each time. Nothing where nobody has proved who the
/// request is from, and where there is no key yet.
std::optional<std::string_view> signed_identity(ngx_http_request_t& r);

/// The public key as a JWK set; empty: there is no key yet.
std::string signing_keys();

}  // namespace gatehouse::auth_feature
