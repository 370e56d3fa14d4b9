// The upstreams that are checked, by the configuration in force.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ngx_module/glue/text.h"
#include "ngx_module/upstream/conf.h"
#include "ngx_module/upstream/peers.h"

namespace gatehouse::upstream_feature {

/// A peer whose place is known, for as long as its zone is there.
struct CheckedPeer {
    Peer* nginx;
    bool kept_out;                 ///< `down` in the configuration: not ours to touch
    std::optional<bool> made_out;  ///< what this worker has last made of it; nothing: nothing yet

    std::string_view name() const noexcept { return glue::view(nginx->name); }
};

using CheckedGroup = std::vector<CheckedPeer>;

struct Checked {
    std::string name;
    const CheckConf* conf;
    std::array<CheckedGroup, 2> groups;  ///< the servers, and the backups
};

/// From postconfiguration: refuses an upstream whose peers workers do not share.
ngx_int_t require_zones(ngx_conf_t& cf);

/// In init_module: the upstreams of the new configuration, in place of those before. Peers that
/// checks have taken out stay out where the new configuration has them, too.
void adopt_checked(ngx_cycle_t& cycle);

std::vector<Checked>& checked() noexcept;

}  // namespace gatehouse::upstream_feature
