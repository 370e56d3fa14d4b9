// What becomes of a computation: members of CardAgent.
#include "sidecar/base/log.h"
#include "sidecar/base/time_text.h"
#include "sidecar/cards/run.h"

namespace gatehouse::sidecar {

namespace {

/// Whether data count as current until something says otherwise, rather than for an interval.
bool stays_current(const config::Card& card)
{
    return !std::holds_alternative<config::Every>(card.refresh);
}

void count(RefreshCounts& counts, const Outcome& outcome)
{
    counts.failed += outcome.ok ? 0 : 1;
    counts.published += outcome.ok && outcome.changed ? 1 : 0;
    counts.unchanged += outcome.ok && !outcome.changed ? 1 : 0;
}

}  // namespace

/// Takes data up that were computed before, as if that had been here.
void CardAgent::resume(Run& run, const Kept& kept, Now now)
{
    run.schedule.resume(kept.verified_at_ms, now);
    run.sources_unchanged = kept.sources_unchanged;
    run.rows = kept.rows;
    run.restored = true;
    run.current = true;
    if (std::holds_alternative<config::OnChange>(run.card.refresh)) {
        ports_.renew(run.card.name, now.unix_ms);
    }
    ports_.stand_by(run.card.name, stays_current(run.card));
}

void CardAgent::on_computed(const RunPtr& run, Attempt attempt, Now started)
{
    const auto now = read_clocks();
    run->counts.duration_ms = now.steady_ms - started.steady_ms;
    run->sources_unchanged = std::move(attempt.sources_unchanged);
    run->restored = false;
    ++run->computations;
    Outcome outcome;
    if (attempt.result) {
        outcome = accept(*run, *attempt.result, started);
    } else {
        outcome.error = attempt.result.error().message;
    }
    outcome.duration_ms = run->counts.duration_ms;
    count(run->counts, outcome);
    if (outcome.ok) {
        run->schedule.finish(Finish::computed, now);
    } else if (!stopped_) {
        fail(*run, outcome.error, now);
    }
    const auto held = ports_.held(run->card.name);
    outcome.generation = held ? held->view().generation() : 0;
    if (!std::exchange(run->settled, true)) {
        ports_.settled(run->card.name);
    }
    answer(run->run_waiters, outcome);
    ++run->ended;
    place(run);
    wake_readers(*run);
    start_due();
}

/// Publishes what is new, renews what is not.
Outcome CardAgent::accept(Run& run, const Product& product, Now started)
{
    const auto& name = run.card.name;
    Outcome outcome;
    run.awaits_room = false;
    outcome.ok = true;
    outcome.changed = product.snapshot != nullptr;
    outcome.rows = product.rows;
    if (product.snapshot) {
        if (auto published = ports_.publish(product.snapshot, started.unix_ms); !published) {
            run.awaits_room = true;
            outcome.ok = false;
            outcome.error = published.error().message;
            return outcome;
        }
        log::info("card published", {{"card", name},
                                     {"generation", product.snapshot->view().generation()},
                                     {"rows", product.rows},
                                     {"bytes", product.snapshot->view().total_size()},
                                     {"ms", run.counts.duration_ms}});
    } else {
        ports_.renew(name, started.unix_ms);
    }
    ports_.rest_on(name, product);
    if (run.schedule.failures() > 0) {
        log::info("card recovered", {{"card", name}, {"failures", run.schedule.failures()}});
    }
    repeats_.forget(name);
    run.rows = product.rows;
    run.columns = product.columns;
    run.error.clear();
    run.failing_since_ms = 0;
    run.current = true;
    ports_.stand_by(name, stays_current(run.card));
    return outcome;
}

/// What is served takes its compressed form, unless there is newer by now.
void CardAgent::on_compressed(const Run& run, const Snapshot& plain, const Result<Product>& product,
                              Now started)
{
    const auto& name = run.card.name;
    if (ports_.held(name) != plain || (product && !product->snapshot)) {
        return;
    }
    const auto published = product ? ports_.publish(product->snapshot, started.unix_ms)
                                   : Result<void>{product.error()};
    if (published) {
        ports_.rest_on(name, *product);
    } else if (repeats_.worth_saying(name + " compressed", published.error().message,
                                     read_clocks().steady_ms)) {
        log::warning("card not compressed", {{"card", name}, {"error", published.error().message}});
    }
}

void CardAgent::fail(Run& run, const std::string& why, Now now)
{
    run.schedule.finish(Finish::failed, now);
    run.current = false;
    run.error = why;
    if (run.failing_since_ms == 0) {
        run.failing_since_ms = now.unix_ms;
    }
    ports_.stand_by(run.card.name, false);
    if (repeats_.worth_saying(run.card.name, why, now.steady_ms)) {
        log_failure(run, now);
    }
}

void CardAgent::log_failure(Run& run, Now now)
{
    std::string consequence = "nothing to serve yet";
    if (const auto held = ports_.held(run.card.name)) {
        consequence = "serving generation " + std::to_string(held->view().generation()) + " from " +
                      utc_clock(held->view().computed_at_ms());
    }
    if (const auto next = run.schedule.next_computation(now)) {
        consequence += "; next try in " + std::to_string((*next - now.unix_ms + 500) / 1000) + " s";
    }
    log::error("card failed", {{"card", run.card.name},
                               {"declared", run.card.origin},
                               {"error", run.error},
                               {"failures", run.schedule.failures()},
                               {"now", consequence}});
}

}  // namespace gatehouse::sidecar
