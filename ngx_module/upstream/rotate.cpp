#include "ngx_module/glue/ngx.h"

#include "ngx_module/upstream/rotate.h"

#include <map>
#include <optional>
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
    standings.reserve(peers.size());
    for (const auto* peer : peers) {
        standings.push_back(standing_of(checked, *peer));
    }
    return standings;
}

/// Writes only what is news to this worker: another one that knows better may have written since.
void make(Peer& peer, bool out, std::optional<bool> before)
{
    if (before.value_or(peer.down != 0) != out) {
        peer.down = out ? 1 : 0;
    }
}

void rotate_group(const Checked& checked, Group& group, MadeOut& made_out, bool others_in)
{
    const GroupLock lock{group, GroupLock::For::writing};
    const auto peers = peers_of(group);
    const auto standings = standings_of(checked, peers);
    const auto out = upstream::taken_out(standings, others_in, glue::now_ms());
    std::map<std::string_view, std::size_t> seen;
    MadeOut before = std::exchange(made_out, {});
    for (std::size_t i = 0; i < peers.size(); ++i) {
        const auto name = glue::view(peers[i]->name);
        const MadeOut::key_type key{name, seen[name]++};
        if (!standings[i].kept_out) {
            const auto made = before.find(key);
            make(*peers[i], out[i],
                 made == before.end() ? std::nullopt : std::optional{made->second});
            made_out.emplace(key, out[i]);
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
        rotate_group(one, *servers, one.made_out[0], has_any_in(one, backups));
        if (backups != nullptr) {
            rotate_group(one, *backups, one.made_out[1], has_any_in(one, servers));
        }
    }
}

}  // namespace gatehouse::upstream_feature
