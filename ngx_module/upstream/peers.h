// The peers of an upstream as nginx keeps them, in memory that all workers share.
//
// Only fields are used that every nginx since 1.22 has, by their names.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>
#include <vector>

#include "ngx_module/glue/text.h"

namespace gatehouse::upstream_feature {

using Group = ngx_http_upstream_rr_peers_t;
using Peer = ngx_http_upstream_rr_peer_t;

/// The servers, and behind them in `next` the backups; nullptr: there are none yet.
inline Group* groups_of(const ngx_http_upstream_srv_conf_t& conf) noexcept
{
    return static_cast<Group*>(conf.peer.data);
}

/// Holds off who adds or takes away peers, or writes to them, while it lives.
class GroupLock {
public:
    enum class For { reading, writing };

    GroupLock(Group& group, For what) noexcept : group_(group)
    {
        if (what == For::writing) {
            ngx_http_upstream_rr_peers_wlock((&group_));
        } else {
            ngx_http_upstream_rr_peers_rlock((&group_));
        }
    }
    ~GroupLock() { ngx_http_upstream_rr_peers_unlock((&group_)); }
    GroupLock(const GroupLock&) = delete;
    GroupLock& operator=(const GroupLock&) = delete;

private:
    Group& group_;
};

/// In their order. REQUIRES: a GroupLock.
inline std::vector<Peer*> peers_of(const Group& group)
{
    std::vector<Peer*> peers;
    for (auto* peer = group.peer; peer != nullptr; peer = peer->next) {
        peers.push_back(peer);
    }
    return peers;
}

/// Whether the `server` that a peer comes from is `down` in the configuration.
inline bool is_down_by_configuration(const ngx_http_upstream_srv_conf_t& conf,
                                     const Peer& peer) noexcept
{
    const auto* servers = static_cast<const ngx_http_upstream_server_t*>(conf.servers->elts);
    for (ngx_uint_t i = 0; i < conf.servers->nelts; ++i) {
        if (glue::view(servers[i].name) == glue::view(peer.server)) {
            return servers[i].down != 0;
        }
    }
    return false;
}

}  // namespace gatehouse::upstream_feature
