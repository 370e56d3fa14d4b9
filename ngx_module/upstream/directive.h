// gate_check as it is written.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/upstream/conf.h"

namespace gatehouse::upstream_feature {

char* set_check(ngx_conf_t& cf, CheckConf& conf);

}  // namespace gatehouse::upstream_feature
