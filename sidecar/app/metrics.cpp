// What the sidecar tells the workers for gate_metrics. Members of Daemon.
#include "sidecar/app/daemon.h"

namespace gatehouse::app {

namespace {

using telemetry::add_series;
using telemetry::SidecarMetrics;
namespace rows = telemetry::metrics;

void add_refreshes(SidecarMetrics& to, const std::string& card,
                   const sidecar::RefreshCounts& counts)
{
    const auto add = [&](const char* outcome, std::uint64_t count) {
        add_series(to, rows::refresh, {card, outcome}, static_cast<double>(count));
    };
    add("published", counts.published);
    add("unchanged", counts.unchanged);
    add("failed", counts.failed);
    if (counts.published + counts.unchanged + counts.failed > 0) {
        add_series(to, rows::refresh_duration, {card},
                   static_cast<double>(counts.duration_ms) / 1000);
    }
}

void add_pool(SidecarMetrics& to, const std::string& source, const databases::PoolState& pool)
{
    const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
    add_series(to, rows::source_connections, {source, "in_use"}, number(pool.in_use));
    add_series(to, rows::source_connections, {source, "idle"}, number(pool.idle));
    add_series(to, rows::source_overflow, {source}, number(pool.overflow));
    add_series(to, rows::source_waiting, {source}, number(pool.waiting));
    add_series(to, rows::source_wait_seconds, {source}, pool.wait_seconds);
}

/// Each set of parameters that was computed is published; the same again is not computed.
sidecar::RefreshCounts counts_of(const on_demand::Counts& asked)
{
    return {asked.computed, 0, asked.failed, asked.duration_ms};
}

}  // namespace

SidecarMetrics Daemon::metrics() const
{
    SidecarMetrics metrics;
    for (const auto& set : keysets_->report()) {
        add_series(metrics, rows::keyset_refused, {set.name}, static_cast<double>(set.failures));
    }
    for (const auto& database : geoip_->report()) {
        add_series(metrics, rows::geoip_refused, {database.path},
                   static_cast<double>(database.refused));
    }
    for (const auto& [source, read] : source_reads()) {
        add_series(metrics, rows::source_up, {source}, read.up ? 1 : 0);
    }
    for (const auto& [source, database] : setup_->executors.databases) {
        add_pool(metrics, source, database->status().pool);
    }
    for (const auto& [card, counts] : cards_->counts()) {
        add_refreshes(metrics, card, counts);
    }
    for (const auto& [name, card] : config().cards) {
        if (card.on_demand()) {
            add_refreshes(metrics, name, counts_of(asked_->counts(name)));
        }
    }
    add_alert_metrics(metrics);
    return metrics;
}

/// Whenever something has changed.
void Daemon::publish_metrics()
{
    auto text = telemetry::sidecar_metrics_text(metrics());
    if (text != metrics_) {
        publish_table(std::string{telemetry::sidecar_metrics_table}, text.empty() ? "\n" : text,
                      sidecar::TableStore::Keep::in_memory);
        metrics_ = std::move(text);
    }
}

}  // namespace gatehouse::app
