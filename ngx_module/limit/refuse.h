// The answer to a request that a limit refuses, and the wait of one that it delays.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"
#include "ngx_module/limit/verdict.h"

namespace gatehouse::limit_feature {

/// Returns what the phase handler must return.
ngx_int_t refuse(ngx_http_request_t& r, const LimitConf& conf, const Verdict& verdict);

/// The request goes on in its phase when the time is over; a client that leaves meanwhile is seen.
ngx_int_t delay(ngx_http_request_t& r, ngx_msec_t delay_ms) noexcept;

}  // namespace gatehouse::limit_feature
