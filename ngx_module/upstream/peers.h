// The peers of an upstream as nginx keeps them, in memory that all workers share.
//
// No lock of nginx's is taken: it would stay taken if its holder were killed, and every worker and
// the master would wait for it for ever. None is needed, as
//
// - the peers of `server`s with an address stay where they are for as long as their zone is there,
//   first in their list, and so do their names. Those that nginx finds by itself (`resolve`, from
//   1.27.3 on) come and go behind them: these are not looked at;
// - of the peers that stay only this feature writes `down`, a word on which nothing else in a group
//   depends: to a balancer that is choosing, the change comes a moment earlier or later.
//
// Only fields are used that every nginx since 1.22 has, by their names.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
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

/// Whether nginx has found it by itself, and may take it away again.
template <class P>
bool comes_and_goes(const P& peer) noexcept
{
    if constexpr (requires { peer.host; }) {
        return peer.host != nullptr;
    } else {
        return false;
    }
}

/// Those that stay, in their order. REQUIRES: no worker has the zone yet.
inline std::vector<Peer*> lasting_peers_of(const Group& group)
{
    std::vector<Peer*> peers;
    for (auto* peer = group.peer; peer != nullptr && !comes_and_goes(*peer); peer = peer->next) {
        peers.push_back(peer);
    }
    return peers;
}

inline bool is_out(const Peer& peer) noexcept
{
    return __atomic_load_n(&peer.down, __ATOMIC_RELAXED) != 0;
}

inline void take_out(Peer& peer, bool out) noexcept
{
    __atomic_store_n(&peer.down, ngx_uint_t{out}, __ATOMIC_RELAXED);
}

/// Requests that it has now.
inline std::uint64_t active_of(const Peer& peer) noexcept
{
    return __atomic_load_n(&peer.conns, __ATOMIC_RELAXED);
}

/// What nginx has counted for `max_fails`.
inline std::uint64_t fails_of(const Peer& peer) noexcept
{
    return __atomic_load_n(&peer.fails, __ATOMIC_RELAXED);
}

}  // namespace gatehouse::upstream_feature
