#include "ngx_module/glue/ngx.h"

#include "ngx_module/upstream/answer.h"

#include <map>
#include <string>
#include <string_view>

#include "ngx_module/upstream/checked.h"
#include "ngx_module/upstream/verdicts.h"
#include "src/base/iso_time.h"
#include "src/base/json_writer.h"

namespace gatehouse::upstream_feature {

namespace {

using upstream::PeerState;

template <class Visit>
void for_each_peer(const Checked& checked, const Visit& visit)
{
    const auto& [servers, backups] = checked.groups;
    for (const auto& peer : servers) {
        visit(peer, false);
    }
    for (const auto& peer : backups) {
        visit(peer, true);
    }
}

std::string time_text(std::int64_t unix_ms)
{
    std::string text;
    append_iso_time(text, unix_ms * 1000);
    return text + "Z";
}

PeerState state_of(const Checked& checked, const CheckedPeer& peer)
{
    if (peer.kept_out) {
        return PeerState::down;
    }
    const auto* verdict = verdict_on(checked.name, peer.name());
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

void write_peer(JsonWriter& json, const Checked& checked, const CheckedPeer& peer, bool backup)
{
    json.open_object().member("peer", peer.name());
    json.member("server", glue::view(peer.nginx->server)).member("backup", backup);
    json.member("state", upstream::state_names[static_cast<std::size_t>(state_of(checked, peer))]);
    json.member("in", !is_out(*peer.nginx)).member("active", active_of(*peer.nginx));
    json.member("fails", fails_of(*peer.nginx));
    if (peer.kept_out) {
        json.member("reason", "down in the configuration");
    } else if (const auto* verdict = verdict_on(checked.name, peer.name())) {
        write_verdict(json, *verdict);
    }
    json.close_object();
}

struct Sums {
    bool up = false;
    std::uint64_t fails = 0;
};

/// By address, which may stand in an upstream more than once; a series may not.
std::map<std::string_view, Sums> sums_of(const Checked& checked)
{
    std::map<std::string_view, Sums> sums;
    for_each_peer(checked, [&](const CheckedPeer& peer, bool) {
        auto& of_address = sums[peer.name()];
        of_address.up |= state_of(checked, peer) != PeerState::down;
        of_address.fails += fails_of(*peer.nginx);
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
        for_each_peer(one, [&](const CheckedPeer& peer, bool backup) {
            write_peer(json, one, peer, backup);
        });
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
        for_each_peer(one, [&](const CheckedPeer& peer, bool) {
            ++peers;
            in += is_out(*peer.nginx) ? 0 : 1;
        });
        json.key(one.name).open_object().member("peers", peers).member("in", in).close_object();
    }
    json.close_object();
}

}  // namespace gatehouse::upstream_feature
