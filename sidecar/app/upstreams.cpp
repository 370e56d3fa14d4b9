// The peers of nginx's upstreams, and what they make of health: Daemon::open_upstreams.
#include <algorithm>

#include "sidecar/app/daemon.h"

namespace gatehouse::app {

namespace {

using upstream::PeerState;

/// What workers share under that name, of the one that connected last at the end.
std::vector<upstreams::Region> configurations_of(std::vector<sidecar::LinkServer::Worker> workers)
{
    std::stable_sort(workers.begin(), workers.end(), [](const auto& a, const auto& b) {
        return a.report.connected_at_ms < b.report.connected_at_ms;
    });
    std::vector<upstreams::Region> regions;
    for (const auto& worker : workers) {
        const auto found = worker.regions.find(upstream::table_name);
        if (found == worker.regions.end()) {
            continue;
        }
        std::erase(regions, found->second);
        regions.push_back(found->second);
    }
    return regions;
}

health::State state_of(std::size_t peers, std::size_t up, std::size_t down)
{
    if (down == peers) {
        return health::State::down;
    }
    return down > 0 ? health::State::degraded : up > 0 ? health::State::up : health::State::unknown;
}

/// An upstream as a check: down where all its peers are, degraded where some are.
checks::CheckReport check_of(const std::string& name, const upstreams::Report& report)
{
    checks::CheckReport check;
    check.check.name = "upstream:" + name;
    check.check.kind = "upstream";
    check.check.severity = report.critical ? "critical" : "degrading";
    std::size_t up = 0, down = 0;
    for (const auto& peer : report.peers) {
        up += peer.state == PeerState::up ? 1 : 0;
        check.since_ms = std::max(check.since_ms, peer.since_ms);
        check.checked_at_ms = std::max(check.checked_at_ms, peer.checked_at_ms);
        check.last.duration =
            std::max(check.last.duration, std::chrono::microseconds{peer.duration_us});
        if (peer.state == PeerState::up) {
            check.last_ok_ms = std::max(check.last_ok_ms, peer.checked_at_ms);
        } else if (peer.state == PeerState::down && down++ == 0) {
            check.last.message = "peer " + peer.peer + ": " +
                                 (peer.reason.empty() ? "is not up long enough" : peer.reason);
        }
    }
    check.pending = report.pending;
    check.state = check.last.state = state_of(report.peers.size(), up, down);
    check.last.value = static_cast<double>(up);
    check.last.unit = "peers";
    return check;
}

}  // namespace

void Daemon::open_upstreams()
{
    const auto publish = [this](SealedMemory table) {
        tables_->publish({std::string{upstream::table_name}, generations_->next(),
                          std::make_shared<const SealedMemory>(std::move(table))},
                         sidecar::TableStore::Keep::in_memory);
    };
    upstreams_ = std::make_unique<upstreams::Agent>(
        upstreams::Ports{loop_, [this] { return configurations_of(link_->report()); }, publish,
                         [this] { checks_->hear_of_others(); }, sidecar::fetch});
}

std::vector<checks::CheckReport> Daemon::checks_of_upstreams() const
{
    std::vector<checks::CheckReport> found;
    for (const auto& [name, report] : upstreams_->report()) {
        found.push_back(check_of(name, report));
    }
    return found;
}

}  // namespace gatehouse::app
