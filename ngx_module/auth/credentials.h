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
        malformed,  ///< a bearer field without a token in it, or more than one credential
    };

    Kind kind = Kind::none;
    std::string_view text;  ///< where it is one
};

/// Looks in all places that the location names: a request that has a credential in two of them is
/// malformed (RFC 6750 §2). An `access_token` in the query counts as one beside a bearer token even
/// where the query is not asked. Other schemes of Authorization are other guards' business.
Credential find_credential(ngx_http_request_t& r, const AuthConf& conf);

}  // namespace gatehouse::auth_feature
