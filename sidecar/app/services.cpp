// What the control API is told: Daemon::services.
#include <unistd.h>

#include "sidecar/app/card_state.h"
#include "sidecar/app/daemon.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/units.h"
#include "sidecar/config/load.h"

namespace gatehouse::app {

namespace {

struct RefreshText {
    std::string operator()(const config::OnChange&) const { return "on_change"; }
    std::string operator()(const config::OnDemand&) const { return "on_demand"; }
    std::string operator()(const config::Every& every) const
    {
        return sidecar::format_duration(every.interval);
    }
    std::string operator()(const config::Cron& cron) const
    {
        return "cron " + cron.expression + " " + cron.tz;
    }
};

std::string shape_text(config::Shape shape)
{
    switch (shape) {
    case config::Shape::records: return "records";
    case config::Shape::columns: return "columns";
    case config::Shape::series: return "series";
    case config::Shape::object: return "object";
    case config::Shape::value: return "value";
    }
    return {};
}

/// What the configuration says of it.
control::CardView view_of(const config::Card& card)
{
    control::CardView view;
    view.name = card.name;
    view.path = card.path;
    view.shape = shape_text(card.shape);
    view.refresh = std::visit(RefreshText{}, card.refresh);
    view.sources = card.sources;
    view.cards = card.cards;
    return view;
}

control::CardView card_view(const config::Card& card, const sidecar::CardReport& report,
                            const sidecar::HeldCard* held)
{
    auto view = view_of(card);
    view.state = state_of(report, held, card, sidecar::unix_ms());
    view.computing = report.computing;
    if (held != nullptr) {
        view.snapshot = held->snapshot;
        view.verified_at_ms = held->verified_at_ms;
    }
    view.rows = report.rows;
    view.computations = report.computations;
    view.restored = report.restored;
    view.duration_ms = report.duration_ms;
    view.error = report.error;
    view.failing_since_ms = report.failing_since_ms;
    view.failures = report.failures;
    view.next_ms = report.next_ms;
    return view;
}

control::CardView card_view(const config::Card& card, const on_demand::Report& report)
{
    auto view = view_of(card);
    view.state = "on_demand";
    view.computations = report.computed;
    view.variants = {report.variants, report.computing, report.bytes,  report.computed,
                     report.joined,   report.refused,   report.failed, report.error};
    return view;
}

control::WorkerView worker_view(const sidecar::LinkServer::Worker& worker)
{
    const auto& report = worker.report;
    control::WorkerView view{
        worker.peer.pid,        report.hello.slot,         report.hello.nginx, report.hello.module,
        report.connected_at_ms, report.applied_generation, report.queued,      std::nullopt};
    if (report.latency) {
        view.latency = {report.latency->min_ms, report.latency->median_ms, report.latency->max_ms};
    }
    return view;
}

}  // namespace

control::StatusView Daemon::status() const
{
    control::StatusView status;
    status.pid = ::getpid();
    status.started_at_ms = started_at_ms_;
    status.config_file = config().file;
    status.loaded_at_ms = loaded_at_ms_;
    status.generation = store_.generation();
    status.board_bytes = store_.bytes();
    status.board_limit = config().board.memory_limit;
    status.board_file = config().board.file;
    const auto& lateness = cards_->lateness();
    status.lateness = {lateness.runs(), lateness.quantile(0.5), lateness.quantile(0.99),
                       lateness.quantile(1)};
    const auto works = setup_->executors.caching->progress.list();
    status.caches = cache_states(works);
    for (const auto& worker : link_->report()) {
        status.workers.push_back(worker_view(worker));
    }
    for (const auto& report : card_reports()) {
        const auto held = store_.cards().find(report.name);
        status.cards.push_back(card_view(config().cards.at(report.name), report,
                                         held == store_.cards().end() ? nullptr : &held->second));
    }
    for (const auto& [name, card] : config().cards) {
        if (card.on_demand()) {
            status.cards.push_back(card_view(card, asked_->report(name)));
        }
    }
    return status;
}

/// What is kept of answers about the card goes in any case.
bool Daemon::refresh_card(const std::string& name,
                          std::function<void(const control::RefreshResult&)> done)
{
    const auto card = config().cards.find(name);
    const auto forgotten = card == config().cards.end() ? 0 : asked_->refresh(name);
    if (card != config().cards.end() && card->second.on_demand()) {
        control::RefreshResult result;
        result.ok = true;
        result.forgotten = forgotten;
        done(result);
        return true;
    }
    return cards_->refresh(name,
                           [done = std::move(done), forgotten](const sidecar::Outcome& outcome) {
                               done({outcome.ok, outcome.error, outcome.generation, outcome.changed,
                                     outcome.rows, outcome.duration_ms, forgotten});
                           });
}

control::Services Daemon::services()
{
    return {
        [this] { return status(); },
        [this] { return sources(); },
        [this](const std::string& card, auto done) { return refresh_card(card, std::move(done)); },
        [this](const std::string& source, auto done) {
            return test_source(source, std::move(done));
        },
        [this](auto done) {
            reload([done](const ReloadVerdict& verdict) {
                done({verdict.applied, config::summary(verdict.diagnostics),
                      config::print_json(verdict.diagnostics), verdict.added, verdict.changed,
                      verdict.removed, verdict.unchanged});
            });
        },
        resources()};
}

}  // namespace gatehouse::app
