// The zones in the sidecar's hands: their memory, and what is to be known of each.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"

namespace gatehouse::limit_feature {

/// Registers the zones of the configuration in force for every hello from now on, and takes away
/// those of the one before. In init_module.
void share_zones(const MainConf& conf, ngx_log_t& log);

}  // namespace gatehouse::limit_feature
