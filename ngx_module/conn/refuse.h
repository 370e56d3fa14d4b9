// What a refused client gets, and what the error log says.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/conf.h"

namespace gatehouse::conn_feature {

/// Answers, and returns what the handler of a phase must return then.
ngx_int_t refuse(ngx_http_request_t& r, const ConnConf& conf, const Rule& rule);

/// At most once a second and zone, with how many were refused since.
void log_refusal(ngx_http_request_t& r, const ConnConf& conf, const ZoneConf& zone);

/// A request that a full zone could not count; at most once a second and zone.
void log_uncounted(ngx_http_request_t& r, const ZoneConf& zone);

/// What is still unsaid of either; to be called about once a second.
void log_overdue(const ZoneConf& zone);

}  // namespace gatehouse::conn_feature
