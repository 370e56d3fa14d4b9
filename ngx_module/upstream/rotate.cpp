#include "ngx_module/glue/ngx.h"

#include "ngx_module/upstream/rotate.h"

#include <vector>

#include "ngx_module/glue/clock.h"
#include "ngx_module/upstream/checked.h"
#include "ngx_module/upstream/verdicts.h"
#include "src/upstream/rotation.h"

namespace gatehouse::upstream_feature {

namespace {

using upstream::PeerState;
using upstream::Standing;

/// Of whom nothing is known stays as it is: the configuration before may have left it out.
Standing standing_of(const Checked& checked, const CheckedPeer& peer)
{
    Standing standing;
    standing.kept_out = peer.kept_out;
    const auto* verdict = verdict_on(checked.name, peer.name());
    if (verdict == nullptr) {
        const bool out = is_out(*peer.nginx) && !verdicts_have_lapsed();
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

std::vector<Standing> standings_of(const Checked& checked, const CheckedGroup& group)
{
    std::vector<Standing> standings;
    standings.reserve(group.size());
    for (const auto& peer : group) {
        standings.push_back(standing_of(checked, peer));
    }
    return standings;
}

/// Writes only what is news to this worker: another one that knows better may have written since.
void make(CheckedPeer& peer, bool out)
{
    if (peer.made_out.value_or(is_out(*peer.nginx)) != out) {
        take_out(*peer.nginx, out);
    }
    peer.made_out = out;
}

void rotate_group(CheckedGroup& group, const std::vector<Standing>& standings, bool others_in)
{
    const auto out = upstream::taken_out(standings, others_in, glue::now_ms());
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (!group[i].kept_out) {
            make(group[i], out[i]);
        }
    }
}

}  // namespace

void rotate()
{
    for (auto& one : checked()) {
        auto& [servers, backups] = one.groups;
        const auto of_servers = standings_of(one, servers);
        const auto of_backups = standings_of(one, backups);
        rotate_group(servers, of_servers, upstream::any_in(of_backups));
        rotate_group(backups, of_backups, upstream::any_in(of_servers));
    }
}

}  // namespace gatehouse::upstream_feature
