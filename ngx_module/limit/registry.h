// The zones of this nginx, whatever its configuration: they outlive a reload.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"

namespace gatehouse::limit_feature {

/// Gives every zone of the configuration its memory: the one it has already, or a new one. Refuses
/// a configuration in which a living zone has another key, size or file. Under `nginx -t` nothing
/// is made or changed, but files are looked at.
ngx_int_t open_zones(ngx_conf_t& cf, MainConf& conf);

/// In a process that a master has forked, as a zone's file is claimed by who opened it.
void leave_claims_to_master();

/// Gives up what the configuration in force does not name. Workers that still use it have their own
/// mapping.
void forget_other_zones(const MainConf& conf);

}  // namespace gatehouse::limit_feature
