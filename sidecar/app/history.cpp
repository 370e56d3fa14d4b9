// What is remembered of traffic and checks: Daemon::open_history.
#include "sidecar/app/daemon.h"
#include "sidecar/app/history_source.h"

namespace gatehouse::app {

namespace {

history::CheckResult result_of(const checks::CheckReport& report)
{
    return {report.check.name,
            report.state,
            report.checked_at_ms,
            report.last.value,
            report.last.duration.count(),
            report.message()};
}

}  // namespace

void Daemon::open_history()
{
    history_ = std::make_unique<history::Agent>(
        history::Ports{loop_, [this] { return link_->regions("telemetry"); },
                       connect_history(config().state), [this] { look_at_history(); }},
        setup_->executors.book);
    history_->configure(config().history);
}

void Daemon::remember(const checks::CheckReport& report)
{
    history_->take(result_of(report));
}

/// Once a second: cards over history are told of steps that were finished and of new results.
void Daemon::look_at_history()
{
    if (!history_->settled()) {
        return;
    }
    for (const auto& name : sources_of_history(config())) {
        const auto mark =
            fingerprint_of_history(setup_->executors.book.get(), config().sources.at(name)).mark;
        cards_->source_settled(name);
        if (auto& told = history_told_[name]; told != mark) {
            told = mark;
            tell_of_change(name);
        }
    }
}

}  // namespace gatehouse::app
