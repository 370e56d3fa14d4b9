#include "sidecar/cards/agent.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sidecar/base/log.h"
#include "sidecar/base/time_text.h"
#include "sidecar/cards/rhythm.h"

namespace gatehouse::sidecar {

/// One configured card. A run whose card is changed or forgotten meanwhile is told by `version`.
struct CardAgent::Run {
    Run(config::Card definition, Rhythm rhythm)
        : card(std::move(definition)), schedule(std::move(rhythm))
    {
    }

    config::Card card;
    Schedule schedule;
    unsigned version = 0;
    std::stop_source stop;
    std::function<bool()> sources_unchanged;  // empty until the first computation under this version
    bool settled = false;
    bool current = false;
    std::string error;
    std::int64_t failing_since_ms = 0;
    std::uint64_t rows = 0;
    std::int64_t duration_ms = 0;
    std::vector<Waiter> waiters;       // for the next computation to start
    std::vector<Waiter> run_waiters;   // for the one under way
};

namespace {

template <class Waiters>
void answer(Waiters& waiters, const Outcome& outcome)
{
    for (const auto& waiter : std::exchange(waiters, {})) {
        waiter(outcome);
    }
}

Outcome refused(const char* why)
{
    Outcome outcome;
    outcome.error = why;
    return outcome;
}

bool follows_files(const config::Card& card)
{
    return std::holds_alternative<config::OnChange>(card.refresh);
}

/// Whether data count as current until something says otherwise, rather than for an interval.
bool stays_current(const config::Card& card)
{
    return !std::holds_alternative<config::Every>(card.refresh);
}

}  // namespace

bool same_definition(const config::Card& one, const config::Card& other)
{
    auto placed = other;
    placed.origin = one.origin;
    return placed == one;
}

CardAgent::CardAgent(CardPorts ports) : ports_(std::move(ports)), timer_(ports_.loop) {}

CardAgent::~CardAgent()
{
    stop(true);
}

void CardAgent::configure(std::map<std::string, config::Card> cards,
                          const std::set<std::string>& changed, Compute compute)
{
    const auto now = read_clocks();
    compute_ = std::move(compute);
    for (auto& [name, run] : runs_) {
        if (!cards.contains(name)) {
            run->stop.request_stop();
            ++run->version;
            answer(run->waiters, refused("the card was removed from the configuration"));
            answer(run->run_waiters, refused("the card was removed from the configuration"));
        }
    }
    std::erase_if(runs_, [&](const auto& entry) { return !cards.contains(entry.first); });
    for (auto& [name, card] : cards) {
        auto& run = runs_[name];
        if (!run) {
            run = std::make_shared<Run>(card, rhythm_of(card));
            run->settled = ports_.held(name) != nullptr;
        } else if (changed.contains(name) || !same_definition(run->card, card)) {
            run->stop.request_stop();
            ++run->version;
            run->card = card;
            run->sources_unchanged = nullptr;
            run->schedule.change(rhythm_of(card), now);
            run->schedule.want(Work::compute);
        }
    }
    start_due();
}

void CardAgent::source_changed(const std::string& source)
{
    for (auto& [name, run] : runs_) {
        const auto& sources = run->card.sources;
        if (follows_files(run->card) &&
            std::find(sources.begin(), sources.end(), source) != sources.end()) {
            run->schedule.want(Work::verify);
        }
    }
    start_due();
}

bool CardAgent::refresh(const std::string& card, Waiter waiter)
{
    const auto found = runs_.find(card);
    if (found == runs_.end() || stopped_) {
        return false;
    }
    found->second->waiters.push_back(std::move(waiter));
    found->second->schedule.want(Work::compute);
    start_due();
    return true;
}

bool CardAgent::has_settled(const std::string& card) const
{
    const auto found = runs_.find(card);
    return found != runs_.end() && found->second->settled;
}

void CardAgent::stop(bool interrupt)
{
    stopped_ = true;
    timer_.cancel();
    for (auto& [name, run] : runs_) {
        if (interrupt) {
            run->stop.request_stop();
        }
        answer(run->waiters, refused("the sidecar is stopping"));
    }
}

void CardAgent::arm()
{
    const auto now = read_clocks();
    auto wait = Schedule::longest_wait;
    for (const auto& [name, run] : runs_) {
        wait = std::min(wait, run->schedule.wait(now));
    }
    timer_.start(wait, [this] { start_due(); });
}

void CardAgent::start_due()
{
    if (stopped_) {
        return;
    }
    const auto now = read_clocks();
    for (auto& [name, run] : runs_) {
        if (run->schedule.ready(now) != Work::none) {
            start(run, now);
        }
    }
    arm();
}

void CardAgent::start(const RunPtr& run, Now now)
{
    // Nothing to compare with yet: only a computation tells.
    if (!run->sources_unchanged) {
        run->schedule.want(Work::compute);
    }
    if (run->schedule.start(now) == Work::compute) {
        compute(run, now);
    } else {
        verify(run, now);
    }
}

void CardAgent::compute(const RunPtr& run, Now now)
{
    run->stop = std::stop_source{};
    std::move(run->waiters.begin(), run->waiters.end(), std::back_inserter(run->run_waiters));
    run->waiters.clear();
    ports_.computations.submit([this, run, now, card = run->card, version = run->version,
                                held = ports_.held(run->card.name), compute = compute_,
                                stop = run->stop.get_token()] {
        auto attempt = stop.stop_requested() ? Attempt{Error{"interrupted"}, nullptr}
                                             : compute(card, held, stop);
        auto shared = std::make_shared<Attempt>(std::move(attempt));
        ports_.loop.post([this, run, now, version, shared] {
            if (run->version != version) {
                // Computed for a definition that is no longer the card's.
                run->schedule.finish(Finish::changed, read_clocks());
                start_due();
                return;
            }
            on_computed(run, std::move(*shared), now);
        });
    });
}

void CardAgent::verify(const RunPtr& run, Now now)
{
    ports_.verifications.submit(
        [this, run, now, version = run->version, unchanged = run->sources_unchanged] {
            const bool same = unchanged();
            ports_.loop.post([this, run, now, version, same] {
                on_verified(run, same && run->version == version, now);
            });
        });
}

void CardAgent::on_verified(const RunPtr& run, bool unchanged, Now started)
{
    run->schedule.finish(unchanged ? Finish::unchanged : Finish::changed, read_clocks());
    if (unchanged && run->current) {
        ports_.renew(run->card.name, started.unix_ms);
    }
    start_due();
}

void CardAgent::on_computed(const RunPtr& run, Attempt attempt, Now started)
{
    const auto now = read_clocks();
    run->duration_ms = now.steady_ms - started.steady_ms;
    run->sources_unchanged = std::move(attempt.sources_unchanged);
    Outcome outcome;
    if (attempt.result) {
        outcome = accept(*run, *attempt.result, started);
    } else {
        outcome.error = attempt.result.error().message;
    }
    outcome.duration_ms = run->duration_ms;
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
    start_due();
}

/// Publishes what is new, renews what is not.
Outcome CardAgent::accept(Run& run, const Product& product, Now started)
{
    const auto& name = run.card.name;
    Outcome outcome;
    outcome.ok = true;
    outcome.changed = product.snapshot != nullptr;
    outcome.rows = product.rows;
    if (product.snapshot) {
        if (auto published = ports_.publish(product.snapshot, started.unix_ms); !published) {
            outcome.ok = false;
            outcome.error = published.error().message;
            return outcome;
        }
        log::info("card published", {{"card", name},
                                     {"generation", product.snapshot->view().generation()},
                                     {"rows", product.rows},
                                     {"bytes", product.snapshot->view().total_size()},
                                     {"ms", run.duration_ms}});
    } else {
        ports_.renew(name, started.unix_ms);
    }
    if (run.schedule.failures() > 0) {
        log::info("card recovered", {{"card", name}, {"failures", run.schedule.failures()}});
    }
    repeats_.forget(name);
    run.rows = product.rows;
    run.error.clear();
    run.failing_since_ms = 0;
    run.current = true;
    ports_.stand_by(name, stays_current(run.card));
    return outcome;
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

std::vector<CardReport> CardAgent::report() const
{
    const auto now = read_clocks();
    std::vector<CardReport> reports;
    for (const auto& [name, run] : runs_) {
        reports.push_back({name, run->schedule.computing(), run->schedule.failures() > 0, run->error,
                           run->failing_since_ms, run->schedule.failures(), run->rows,
                           run->duration_ms, run->schedule.next_computation(now)});
    }
    return reports;
}

}  // namespace gatehouse::sidecar
