// The zones that live in this nginx. Their memory outlives configurations.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/conf.h"

namespace gatehouse::conn_feature {

/// Refuses a zone whose key or size is not that of the running one. In postconfiguration.
ngx_int_t check_zones(ngx_conf_t& cf, const MainConf& conf);

/// Makes the zones that are new, gives up those that are gone. In init_module, once there are
/// worker slots.
void open_zones(ngx_cycle_t& cycle, MainConf& conf);

}  // namespace gatehouse::conn_feature
