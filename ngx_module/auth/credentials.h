// Where a request's credential stands.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>

#include "ngx_module/auth/conf.h"

namespace gatehouse::auth_feature {

struct Credential {
    enum class Kind : std::uint8_t {
        none,
        one,
        malformed,  ///< no text where one must be, or more than one credential
    };

    Kind kind = Kind::none;
    std::string_view text;   ///< where it is one
    bool is_bearer = false;  ///< it stands behind `Bearer`
};

/// Looks in all places that the location names: a request that has a credential in two of them is
/// malformed (RFC 6750 §2). An `access_token` in the query counts as one beside a bearer token even
/// where the query is not asked. Other schemes of Authorization are other guards' business.
Credential find_credential(ngx_http_request_t& r, const AuthConf& conf);

/// Whether a text can stand behind `Bearer` (b64token, RFC 6750 §2.1). To be asked of one that is
/// no good token: those of others can.
bool is_bearer_token(std::string_view text) noexcept;

}  // namespace gatehouse::auth_feature
