#include "ngx_module/glue/ngx.h"

#include "ngx_module/upstream/rotate.h"

#include <utility>

#include "ngx_module/glue/clock.h"
#include "ngx_module/upstream/checked.h"
#include "ngx_module/upstream/peers.h"
#include "ngx_module/upstream/verdicts.h"
#include "src/upstream/rotation.h"

namespace gatehouse::upstream_feature {

namespace {

using upstream::PeerState;
using upstream::Standing;

/// Of whom nothing is known stays as it is: the configuration before may have left it out.
Standing standing_of(const Checked& checked, const Peer& peer)
{
    Standing standing;
    standing.kept_out = is_down_by_configuration(*checked.nginx, peer);
    const auto* verdict = verdict_on(checked.name, glue::view(peer.name));
    if (verdict == nullptr) {
        const bool out = peer.down != 0 && !verdicts_have_lapsed();
        standing.state = out ? PeerState::down : PeerState::unknown;
        return standing;
    }
    standing.state = verdict->state;
    if (verdict->recovered) {
        standing.ramp =
            upstream::ramp_of(glue::now_ms() - verdict->since_ms, checked.conf->slow_start_ms);
    }
    return standing;
}

std::vector<Standing> standings_of(const Checked& checked, const std::vector<Peer*>& peers)
{
    std::vector<Standing> standings;
    for (const auto* peer : peers) {
        standings.push_back(standing_of(checked, *peer));
    }
    return standings;
}

/// Whether this worker has not made it that yet.
bool is_news(Checked& checked, const Peer& peer, bool out)
{
    const auto name = glue::view(peer.name);
    const auto made = checked.made_out.find(name);
    if (made == checked.made_out.end()) {
        checked.made_out.emplace(name, out);
        return (peer.down != 0) != out;
    }
    return std::exchange(made->second, out) != out;
}

void rotate_group(Checked& checked, Group& group, bool others_in)
{
    const GroupLock lock{group, GroupLock::For::writing};
    const auto peers = peers_of(group);
    const auto standings = standings_of(checked, peers);
    const auto out = upstream::taken_out(standings, others_in, glue::now_ms());
    for (std::size_t i = 0; i < peers.size(); ++i) {
        if (!standings[i].kept_out && is_news(checked, *peers[i], out[i])) {
            peers[i]->down = out[i] ? 1 : 0;
        }
    }
}

bool has_any_in(const Checked& checked, Group* group)
{
    if (group == nullptr) {
        return false;
    }
    const GroupLock lock{*group, GroupLock::For::reading};
    return upstream::any_in(standings_of(checked, peers_of(*group)));
}

}  // namespace

void rotate()
{
    for (auto& one : checked()) {
        auto* servers = groups_of(*one.nginx);
        if (servers == nullptr) {
            continue;
        }
        auto* backups = servers->next;
        rotate_group(one, *servers, has_any_in(one, backups));
        if (backups != nullptr) {
            rotate_group(one, *backups, has_any_in(one, servers));
        }
    }
}

}  // namespace gatehouse::upstream_feature
