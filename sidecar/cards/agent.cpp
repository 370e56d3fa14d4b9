#include "sidecar/cards/agent.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "sidecar/cards/rhythm.h"
#include "sidecar/cards/run.h"

namespace gatehouse::sidecar {

namespace {

Outcome refused(const char* why)
{
    Outcome outcome;
    outcome.error = why;
    return outcome;
}

/// The pool's tasks must not throw.
Attempt compute_guarded(const Compute& compute, const config::Card& card, const Snapshot& held,
                        std::stop_token stop)
try {
    if (stop.stop_requested()) {
        return {Error{"interrupted"}, nullptr};
    }
    return compute(card, held, std::move(stop));
} catch (const std::exception& error) {
    return {Error{std::string{"internal error: "} + error.what()}, nullptr};
}

bool follows_files(const config::Card& card)
{
    return std::holds_alternative<config::OnChange>(card.refresh);
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
            if (const auto kept = kept_.find(name); kept != kept_.end()) {
                resume(*run, kept->second, now);
            }
        } else if (changed.contains(name) || !same_definition(run->card, card)) {
            run->stop.request_stop();
            ++run->version;
            run->card = card;
            run->sources_unchanged = nullptr;
            run->schedule.change(rhythm_of(card), now);
            run->schedule.want(Work::compute);
        }
    }
    kept_.clear();
    find_inner();
    start_due();
}

void CardAgent::keep(std::map<std::string, Kept> cards)
{
    kept_ = std::move(cards);
}

void CardAgent::await_sources(std::set<std::string> sources)
{
    awaited_ = std::move(sources);
}

void CardAgent::source_settled(const std::string& source)
{
    if (awaited_.erase(source) > 0) {
        start_due();
    }
}

bool CardAgent::awaits_source(const Run& run) const
{
    return !awaited_.empty() &&
           std::any_of(run.card.sources.begin(), run.card.sources.end(),
                       [&](const auto& source) { return awaited_.contains(source); });
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

void CardAgent::room_freed()
{
    for (auto& [name, run] : runs_) {
        if (std::exchange(run->awaits_room, false)) {
            run->schedule.want(Work::compute);
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
    for (const auto& inner : found->second->inner) {
        runs_.at(inner)->schedule.want(Work::compute);
    }
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
        if (!awaits_source(*run) && !awaits_inner(*run, now)) {
            wait = std::min(wait, run->schedule.wait(now));
        }
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
        if (run->schedule.ready(now) != Work::none && !awaits_source(*run) &&
            !awaits_inner(*run, now)) {
            start(run, now);
        }
    }
    arm();
}

void CardAgent::start(const RunPtr& run, Now now)
{
    run->waits_for.clear();
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
        auto shared = std::make_shared<Attempt>(compute_guarded(compute, card, held, stop));
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
    run->ended += unchanged ? 1 : 0;  // otherwise a computation follows
    start_due();
}

std::vector<CardReport> CardAgent::report() const
{
    const auto now = read_clocks();
    std::vector<CardReport> reports;
    for (const auto& [name, run] : runs_) {
        reports.push_back({name, run->schedule.computing(), run->schedule.failures() > 0,
                           run->error, run->failing_since_ms, run->schedule.failures(),
                           run->computations, run->restored, run->rows, run->counts.duration_ms,
                           run->schedule.next_computation(now), run->columns});
    }
    return reports;
}

std::map<std::string, RefreshCounts> CardAgent::counts() const
{
    std::map<std::string, RefreshCounts> counts;
    for (const auto& [name, run] : runs_) {
        counts.emplace(name, run->counts);
    }
    return counts;
}

}  // namespace gatehouse::sidecar
