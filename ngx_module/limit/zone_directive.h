// gate_limit_zone.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"

namespace gatehouse::limit_feature {

char* set_zone(ngx_conf_t& cf, MainConf& conf);

}  // namespace gatehouse::limit_feature
