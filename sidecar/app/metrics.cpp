// What the sidecar tells the workers for gate_metrics. Members of Daemon.
#include "sidecar/app/daemon.h"
#include "sidecar/base/clock.h"

namespace gatehouse::app {

using sidecar::read_clocks;

namespace {

constexpr std::int64_t figures_interval_ms = 10'000;

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

void add_reports(SidecarMetrics& to, const sentry::Counts& counts)
{
    const auto add = [&](const char* outcome, std::uint64_t count) {
        add_series(to, rows::error_reports, {outcome}, static_cast<double>(count));
    };
    add("sent", counts.sent);
    add("sampled", counts.sampled);
    add("grouped", counts.grouped);
    add("rate_limited", counts.rate_limited);
    add("queue_full", counts.queue_full);
    add("failed", counts.failed);
}

void add_process(SidecarMetrics& to, const sidecar::ProcessFigures& figures)
{
    const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
    add_series(to, rows::process_cpu, {}, figures.cpu_seconds);
    add_series(to, rows::process_resident, {}, number(figures.resident_bytes));
    add_series(to, rows::process_virtual, {}, number(figures.virtual_bytes));
    add_series(to, rows::process_start, {}, figures.start_time_s);
    add_series(to, rows::process_open_fds, {}, number(figures.open_fds));
    add_series(to, rows::process_max_fds, {}, number(figures.max_fds));
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
        if (metric_of_card(card).empty()) {
            add_refreshes(metrics, card, counts);
        }
    }
    for (const auto& report : cards_->report()) {
        if (const auto name = metric_of_card(report.name); !name.empty()) {
            add_series(metrics, rows::own_metric_up, {name}, report.failing ? 0 : 1);
        }
    }
    for (const auto& [name, card] : config().cards) {
        if (card.on_demand()) {
            add_refreshes(metrics, name, counts_of(asked_->counts(name)));
        }
    }
    add_alert_metrics(metrics);
    if (sentry_.is_on()) {
        add_reports(metrics, sentry_.counts());
    }
    if (process_figures_) {
        add_process(metrics, *process_figures_);
    }
    add_series(metrics, rows::build_info, {"sidecar", GATEHOUSE_VERSION, ""}, 1);
    return metrics;
}

/// Whenever something has changed. What the process uses always does, and is looked at more seldom.
void Daemon::publish_metrics()
{
    if (const auto now = read_clocks().steady_ms; now >= next_figures_ms_) {
        process_figures_ = sidecar::process_figures();
        next_figures_ms_ = now + figures_interval_ms;
    }
    auto text = telemetry::sidecar_metrics_text(metrics());
    if (text != metrics_) {
        publish_table(std::string{telemetry::sidecar_metrics_table}, text.empty() ? "\n" : text,
                      sidecar::TableStore::Keep::in_memory);
        metrics_ = std::move(text);
    }
    auto own = telemetry::own_metrics_text(own_metrics_->of(config().metrics));
    if (own != own_metrics_text_) {
        publish_table(std::string{telemetry::own_metrics_table}, own,
                      sidecar::TableStore::Keep::in_memory);
        own_metrics_text_ = std::move(own);
    }
}

std::vector<sidecar::CardReport> Daemon::card_reports() const
{
    auto reports = cards_->report();
    std::erase_if(reports, [](const auto& report) { return !metric_of_card(report.name).empty(); });
    return reports;
}

}  // namespace gatehouse::app
