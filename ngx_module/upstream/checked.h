// The upstreams that are checked, by the configuration in force.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ngx_module/upstream/conf.h"

namespace gatehouse::upstream_feature {

/// What a worker has last made of the peers of a group: out, or in. A peer is known by its address
/// and by which one of that address it is, since an address may stand in a group more than once.
using MadeOut = std::map<std::pair<std::string, std::size_t>, bool>;

struct Checked {
    std::string name;
    ngx_http_upstream_srv_conf_t* nginx;
    const CheckConf* conf;

    std::array<MadeOut, 2> made_out = {};  ///< of the servers, and of the backups
};

/// From postconfiguration: refuses an upstream whose peers workers do not share.
ngx_int_t require_zones(ngx_conf_t& cf);

/// In init_module: the upstreams of the new configuration, in place of those before. Peers that
/// checks have taken out stay out where the new configuration has them, too.
void adopt_checked(ngx_cycle_t& cycle);

std::vector<Checked>& checked() noexcept;

}  // namespace gatehouse::upstream_feature
