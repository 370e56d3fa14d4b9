// What the limits write into the error log.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>
#include <string_view>

#include "ngx_module/limit/conf.h"
#include "ngx_module/limit/verdict.h"

namespace gatehouse::limit_feature {

/// At most once a second and zone, with how many were refused since.
void log_refusal(ngx_http_request_t& r, const LimitConf& conf, const Verdict& verdict) noexcept;

/// The refusals that no line has told of, once a second has passed. To be called by a timer.
void log_overdue(const ZoneConf& zone) noexcept;

/// The same whatever the time: at a worker's end.
void log_rest(const ZoneConf& zone) noexcept;

/// As the refusals, one level lower.
void log_delay(ngx_http_request_t& r, const LimitConf& conf, ngx_msec_t delay_ms,
               const Verdict& verdict) noexcept;

/// A rate or quota from a variable; the caller sees to it that each value comes once.
void log_malformed(ngx_http_request_t& r, const ZoneConf& zone, const std::string& why);

/// At most once a second.
void log_malformed_cost(ngx_http_request_t& r, const ZoneConf& zone, std::string_view cost);

}  // namespace gatehouse::limit_feature
