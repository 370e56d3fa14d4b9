// Looks at the credentials of a request, and at what its location requires.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/conf.h"
#include "ngx_module/auth/outcome.h"

namespace gatehouse::auth_feature {

/// REQUIRES: gate_auth is on. From then on the request's identity is known; nothing is counted.
Outcome judge(ngx_http_request_t& r, const AuthConf& conf, Purpose purpose);

/// What a client is told of a refusal. Under `satisfy any`, who could come in with other
/// credentials is asked for them.
glue::BearerError error_told(const ngx_http_request_t& r, const Outcome& outcome) noexcept;

}  // namespace gatehouse::auth_feature
