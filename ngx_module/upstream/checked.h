// The upstreams that are checked, by the configuration in force.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <map>
#include <string>
#include <vector>

#include "ngx_module/upstream/conf.h"

namespace gatehouse::upstream_feature {

struct Checked {
    std::string name;
    ngx_http_upstream_srv_conf_t* nginx;
    const CheckConf* conf;

    /// What this worker has last made of each peer, by its address: out, or in.
    std::map<std::string, bool, std::less<>> made_out = {};
};

/// From postconfiguration: refuses an upstream whose peers workers do not share.
ngx_int_t require_zones(ngx_conf_t& cf);

/// In init_module: the upstreams of the new configuration, in place of those before. Peers that
/// checks have taken out stay out where the new configuration has them, too.
void adopt_checked(ngx_cycle_t& cycle);

std::vector<Checked>& checked() noexcept;

}  // namespace gatehouse::upstream_feature
