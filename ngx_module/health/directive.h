// gate_health as it is written.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/health/conf.h"

namespace gatehouse::health_feature {

/// Reads the words, without making the location answer.
char* read_health(ngx_conf_t& cf, HealthConf& conf);

}  // namespace gatehouse::health_feature
