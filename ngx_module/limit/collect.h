// What gate_metrics tells of zones beyond their counters: how full they are, and how large.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"

namespace gatehouse::limit_feature {

/// From now on, of the zones of this configuration. In init_module.
void show_zones_in_metrics(const MainConf& conf);

}  // namespace gatehouse::limit_feature
