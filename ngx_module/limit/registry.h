// The zones of this nginx, whatever its configuration: they outlive a reload.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"

namespace gatehouse::limit_feature {

/// Gives every zone of the configuration its memory: the one it has already, or a new one. Refuses
/// a configuration in which a living zone has another key, size or file. Under `nginx -t` nothing
/// is made.
ngx_int_t open_zones(ngx_conf_t& cf, MainConf& conf);

/// Gives up what the configuration in force does not name. Workers that still use it have their own
/// mapping.
void forget_other_zones(const MainConf& conf);

}  // namespace gatehouse::limit_feature
