// gate_limit.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"

namespace gatehouse::limit_feature {

char* set_rule(ngx_conf_t& cf, LimitConf& conf);

/// Once all of the configuration is read: finds each rule's zone, wherever it is defined, and makes
/// its windows. Says what is wrong.
ngx_int_t resolve_rules(ngx_conf_t& cf, MainConf& conf);

}  // namespace gatehouse::limit_feature
