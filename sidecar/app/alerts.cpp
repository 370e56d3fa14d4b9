// What rules look at, and what becomes of alerts: Daemon::open_alerts.
#include <unistd.h>

#include <climits>

#include "sidecar/alerts/region_series.h"
#include "sidecar/app/daemon.h"
#include "sidecar/app/state_database.h"
#include "sidecar/base/clock.h"

namespace gatehouse::app {

namespace {

using alerts::World;
using telemetry::add_series;
using telemetry::SidecarMetrics;
namespace rows = telemetry::metrics;

alerts::CheckSeen check_seen(const checks::CheckReport& report)
{
    return {report.check.name, report.check.kind, state_for_alerts(report), report.message(),
            report.last.value};
}

void add_health(SidecarMetrics& to, const checks::Report& report)
{
    for (const auto state : {health::State::unknown, health::State::up, health::State::degraded,
                             health::State::down}) {
        add_series(to, rows::health_status, {std::string{health::name_of(state)}},
                   report.state == state ? 1 : 0);
    }
    for (const auto& check : report.checks) {
        if (check.is_set_aside()) {
            continue;
        }
        const bool up = check.state == health::State::up || check.state == health::State::degraded;
        add_series(to, rows::health_check_up, {check.check.name}, up ? 1 : 0);
        add_series(to, rows::health_check_duration, {check.check.name},
                   static_cast<double>(check.last.duration.count()) / 1e6);
    }
}

void add_cards(SidecarMetrics& to, const sidecar::BoardStore& store)
{
    for (const auto& [card, held] : store.cards()) {
        const auto& view = held.snapshot->view();
        const auto age_ms = sidecar::unix_ms() - held.verified_at_ms;
        add_series(to, rows::card_age, {card}, static_cast<double>(age_ms) / 1000);
        add_series(to, rows::card_stale, {card},
                   age_ms > static_cast<std::int64_t>(view.max_age_ms()) ? 1 : 0);
        add_series(to, rows::card_generation, {card}, static_cast<double>(view.generation()));
        add_series(to, rows::card_size, {card}, static_cast<double>(view.total_size()));
    }
}

void add_peers(SidecarMetrics& to, const upstreams::Agent& upstreams)
{
    for (const auto& [upstream, report] : upstreams.report()) {
        for (const auto& peer : report.peers) {
            add_series(to, rows::upstream_peer_up, {upstream, peer.peer},
                       peer.state == upstream::PeerState::down ? 0 : 1);
        }
    }
}

std::vector<alerts::CardSeen> cards_seen(const std::vector<sidecar::CardReport>& reports,
                                         const config::Config& config,
                                         const sidecar::BoardStore& store)
{
    std::vector<alerts::CardSeen> cards;
    for (const auto& report : reports) {
        auto& card = cards.emplace_back();
        card.name = report.name;
        card.max_age_ms = config.cards.at(report.name).max_age.count();
        card.error = report.error;
        if (const auto held = store.cards().find(report.name); held != store.cards().end()) {
            card.age_ms = sidecar::unix_ms() - held->second.verified_at_ms;
        }
    }
    return cards;
}

/// Tells sidecars apart that share a database; one that has a file of its own needs no name.
std::string edge_name(const config::State& state)
{
    char name[HOST_NAME_MAX + 1] = {};
    return state.url.empty() || ::gethostname(name, sizeof name - 1) != 0 ? "" : name;
}

void add_counts(SidecarMetrics& to, const alerts::Courier::Report& receiver)
{
    const auto add = [&](const char* outcome, std::uint64_t count) {
        add_series(to, rows::alert_notifications, {receiver.name, outcome},
                   static_cast<double>(count));
    };
    add("delivered", receiver.counts.delivered);
    add("retried", receiver.counts.retried);
    add("failed", receiver.counts.failed);
    add("dropped", receiver.counts.dropped);
}

}  // namespace

void Daemon::open_alerts()
{
    alerts_ = std::make_unique<alerts::Agent>(
        alerts::Ports{.loop = loop_,
                      .look = [this](const auto& wanted) { return world_of_alerts(wanted); },
                      .store = !(config().state.path.empty() && config().state.url.empty())
                                   ? std::make_shared<alerts::Store>(
                                         [state = config().state] { return open_state(state); },
                                         edge_name(config().state))
                                   : nullptr});
}

World Daemon::world_of_alerts(const alerts::MetricNames& wanted) const
{
    World world;
    const auto health = checks_->report();
    for (const auto& check : health.checks) {
        world.checks.push_back(check_seen(check));
    }
    world.cards = cards_seen(card_reports(), config(), store_);
    const auto regions = link_->regions("telemetry");
    world.has_nginx = !regions.empty();
    if (wanted.empty()) {
        return world;
    }
    auto own = metrics();
    own.merge(own_metrics_->of(config().metrics).series);
    add_health(own, health);
    add_cards(own, store_);
    add_peers(own, *upstreams_);
    std::erase_if(own, [&](const auto& metric) { return !wanted.contains(metric.first); });
    world.counted.push_back({0, std::move(own)});
    for (const auto& region : regions) {
        if (const auto reader = telemetry::Reader::open(region->bytes())) {
            world.counted.push_back(alerts::series_of(*reader, wanted));
        }
    }
    for (const auto& metric : config().metrics) {
        world.own_labels[metric.name] = metric.labels;
    }
    return world;
}

void Daemon::add_alert_metrics(SidecarMetrics& to) const
{
    if (!alerts_) {
        return;
    }
    const auto& settings = alerts_->settings();
    if (!settings.rules.empty()) {
        for (const auto* severity : {"info", "warning", "critical"}) {
            for (const auto phase : {alerts::Phase::pending, alerts::Phase::firing}) {
                add_series(to, rows::alerts, {severity, std::string{name_of(phase)}}, 0);
            }
        }
        auto& series = to[std::string{rows::alerts.name}];
        for (const auto* alert : alerts_->book().list()) {
            if (alert->phase != alerts::Phase::resolved) {
                ++series[{alert->severity, std::string{name_of(alert->phase)}}];
            }
        }
    }
    for (const auto& receiver : alerts_->receivers()) {
        add_counts(to, receiver);
    }
    if (const auto& beats = alerts_->heartbeat(); beats.on) {
        add_series(to, rows::heartbeats, {"good"}, static_cast<double>(beats.good));
        add_series(to, rows::heartbeats, {"failed"}, static_cast<double>(beats.failed));
        add_series(to, rows::heartbeat_last, {}, static_cast<double>(beats.last_good_ms) / 1000);
    }
}

}  // namespace gatehouse::app
