#include "ngx_module/glue/ngx.h"

#include "ngx_module/upstream/answer.h"

#include <map>
#include <string>

#include "ngx_module/upstream/checked.h"
#include "ngx_module/upstream/peers.h"
#include "ngx_module/upstream/verdicts.h"
#include "src/base/iso_time.h"
#include "src/base/json_writer.h"

namespace gatehouse::upstream_feature {

namespace {

using upstream::PeerState;

template <class Visit>
void for_each_peer(const Checked& checked, const Visit& visit)
{
    auto* servers = groups_of(*checked.nginx);
    for (auto* group = servers; group != nullptr; group = group->next) {
        const GroupLock lock{*group, GroupLock::For::reading};
        for (const auto* peer : peers_of(*group)) {
            visit(*peer, group != servers);
        }
    }
}

std::string time_text(std::int64_t unix_ms)
{
    std::string text;
    append_iso_time(text, unix_ms * 1000);
    return text + "Z";
}

PeerState state_of(const Checked& checked, const Peer& peer)
{
    if (is_down_by_configuration(*checked.nginx, peer)) {
        return PeerState::down;
    }
    const auto* verdict = verdict_on(checked.name, glue::view(peer.name));
    return verdict == nullptr ? PeerState::unknown : verdict->state;
}

void write_verdict(JsonWriter& json, const Verdict& verdict)
{
    json.member("since", time_text(verdict.since_ms));
    json.member("checked", time_text(verdict.checked_at_ms));
    json.member("duration_seconds", static_cast<double>(verdict.duration_us) / 1e6);
    if (!verdict.reason.empty()) {
        json.member("reason", verdict.reason);
    }
}

void write_peer(JsonWriter& json, const Checked& checked, const Peer& peer, bool backup)
{
    const auto name = glue::view(peer.name);
    const bool by_configuration = is_down_by_configuration(*checked.nginx, peer);
    json.open_object().member("peer", name).member("server", glue::view(peer.server));
    json.member("backup", backup);
    json.member("state", upstream::state_names[static_cast<std::size_t>(state_of(checked, peer))]);
    json.member("in", peer.down == 0).member("active", peer.conns).member("fails", peer.fails);
    if (by_configuration) {
        json.member("reason", "down in the configuration");
    } else if (const auto* verdict = verdict_on(checked.name, name)) {
        write_verdict(json, *verdict);
    }
    json.close_object();
}

struct Sums {
    bool up = false;
    std::uint64_t fails = 0;
};

/// By address, which may stand in an upstream more than once; a series may not.
std::map<std::string, Sums> sums_of(const Checked& checked)
{
    std::map<std::string, Sums> sums;
    for_each_peer(checked, [&](const Peer& peer, bool) {
        auto& of_address = sums[std::string{glue::view(peer.name)}];
        of_address.up |= state_of(checked, peer) != PeerState::down;
        of_address.fails += peer.fails;
    });
    return sums;
}

}  // namespace

std::string upstreams_json()
{
    JsonWriter json;
    json.open_object().key("upstreams").open_object();
    for (const auto& one : checked()) {
        json.key(one.name).open_object().member("critical", one.conf->check.critical);
        json.key("peers").open_array();
        for_each_peer(one,
                      [&](const Peer& peer, bool backup) { write_peer(json, one, peer, backup); });
        json.close_array().close_object();
    }
    json.close_object().close_object();
    return json.take();
}

void collect(telemetry::Exposition& out)
{
    out.begin(telemetry::metrics::upstream_peer_up);
    for (const auto& one : checked()) {
        for (const auto& [peer, sums] : sums_of(one)) {
            out.sample({{"upstream", one.name}, {"peer", peer}}, std::uint64_t{sums.up});
        }
    }
    out.begin(telemetry::metrics::upstream_peer_fails);
    for (const auto& one : checked()) {
        for (const auto& [peer, sums] : sums_of(one)) {
            out.sample({{"upstream", one.name}, {"peer", peer}}, sums.fails);
        }
    }
}

void write_own_facts(JsonWriter& json)
{
    if (checked().empty()) {
        return;
    }
    json.key("upstreams").open_object();
    for (const auto& one : checked()) {
        std::uint64_t peers = 0, in = 0;
        for_each_peer(one, [&](const Peer& peer, bool) {
            ++peers;
            in += peer.down == 0 ? 1 : 0;
        });
        json.key(one.name).open_object().member("peers", peers).member("in", in).close_object();
    }
    json.close_object();
}

}  // namespace gatehouse::upstream_feature
