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

Result<Product> compress_guarded(const std::function<Result<Product>()>& compress)
try {
    return compress();
} catch (const std::exception& error) {
    return Error{std::string{"internal error: "} + error.what()};
}

bool repeats(const config::Card& card)
{
    return std::holds_alternative<config::Every>(card.refresh);
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
    std::erase_if(due_, [&](const auto& entry) { return !cards.contains(entry.second); });
    std::erase_if(held_up_, [&](const auto& name) { return !cards.contains(name); });
    for (auto& [name, card] : cards) {
        auto& run = runs_[name];
        if (!run) {
            run = std::make_shared<Run>(card, rhythm_of(card));
            run->settled = ports_.held(name) != nullptr;
            if (const auto kept = kept_.find(name); kept != kept_.end()) {
                resume(*run, kept->second, now);
            }
            place(run);
        } else if (changed.contains(name) || !same_definition(run->card, card)) {
            run->stop.request_stop();
            ++run->version;
            run->card = card;
            run->sources_unchanged = nullptr;
            run->schedule.change(rhythm_of(card), now);
            want(run, Work::compute);
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
            want(run, Work::verify);
        }
    }
    start_due();
}

void CardAgent::room_freed()
{
    for (auto& [name, run] : runs_) {
        if (std::exchange(run->awaits_room, false)) {
            want(run, Work::compute);
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
    want(found->second, Work::compute);
    for (const auto& inner : found->second->inner) {
        want(runs_.at(inner), Work::compute);
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

/// Puts the card where it belongs in the order of time. REQUIRES: after every change of its
/// schedule.
void CardAgent::place(const RunPtr& run)
{
    const auto known = runs_.find(run->card.name);
    if (known == runs_.end() || known->second != run) {
        return;  // the configuration has it no more
    }
    due_.erase({run->due_ms, run->card.name});
    if (!run->schedule.running()) {
        const auto now = read_clocks();
        run->due_ms = now.steady_ms + run->schedule.wait(now).count();
        due_.emplace(run->due_ms, run->card.name);
    }
}

void CardAgent::want(const RunPtr& run, Work work)
{
    run->schedule.want(work);
    place(run);
}

void CardAgent::arm()
{
    const auto first = due_.empty() ? Schedule::longest_wait.count()
                                    : due_.begin()->first - read_clocks().steady_ms;
    timer_.start(std::clamp(Milliseconds{first}, Milliseconds{0}, Schedule::longest_wait),
                 [this] { start_due(); });
}

/// Those that were held up, and those whose time has come.
std::vector<CardAgent::RunPtr> CardAgent::take_due(Now now)
{
    while (!due_.empty() && due_.begin()->first <= now.steady_ms) {
        held_up_.insert(due_.begin()->second);
        due_.erase(due_.begin());
    }
    std::vector<RunPtr> due;
    for (const auto& name : std::exchange(held_up_, {})) {
        due.push_back(runs_.at(name));
    }
    return due;
}

void CardAgent::start_due()
{
    if (stopped_) {
        return;
    }
    const auto now = read_clocks();
    for (const auto& run : take_due(now)) {
        if (run->schedule.ready(now) == Work::none) {
            place(run);
        } else if (awaits_source(*run) || awaits_inner(*run, now)) {
            held_up_.insert(run->card.name);
        } else {
            start(run, now);
        }
    }
    arm();
}

void CardAgent::start(const RunPtr& run, Now now)
{
    run->waits_for.clear();
    const auto late = run->schedule.late(now);
    const Due due = late && !run->schedule.goes_on() ? Due{now.steady_ms - late->count()} : Due{};
    // Nothing to compare with: only a computation tells.
    if (!run->sources_unchanged) {
        run->schedule.want(Work::compute);
    }
    const auto work = run->schedule.start(now);
    place(run);
    if (work == Work::compute) {
        compute(run, now, due);
    } else {
        verify(run, now, due);
    }
}

void CardAgent::note_begin(const Due& due, std::int64_t began_ms)
{
    if (due) {
        lateness_.note(Milliseconds{began_ms - *due}, began_ms);
    }
}

void CardAgent::compute(const RunPtr& run, Now now, const Due& due)
{
    run->stop = std::stop_source{};
    std::move(run->waiters.begin(), run->waiters.end(), std::back_inserter(run->run_waiters));
    run->waiters.clear();
    ports_.compute(run->card, [this, run, now, due, card = run->card, version = run->version,
                               held = ports_.held(run->card.name), compute = compute_,
                               stop = run->stop.get_token()] {
        const auto began_ms = read_clocks().steady_ms;
        auto shared = std::make_shared<Attempt>(compute_guarded(compute, card, held, stop));
        const auto compress = std::move(shared->compress);
        const Snapshot plain = compress ? shared->result->snapshot : nullptr;
        ports_.loop.post([this, run, now, due, began_ms, version, shared] {
            note_begin(due, began_ms);
            if (run->version != version) {
                // Computed for a definition that is no longer the card's.
                run->schedule.finish(Finish::changed, read_clocks());
                place(run);
                start_due();
                return;
            }
            on_computed(run, std::move(*shared), now);
        });
        if (compress) {
            auto product = std::make_shared<Result<Product>>(compress_guarded(compress));
            ports_.loop.post(
                [this, run, now, plain, product] { on_compressed(*run, plain, *product, now); });
        }
    });
}

void CardAgent::verify(const RunPtr& run, Now now, const Due& due)
{
    ports_.verify(run->card, [this, run, now, due, version = run->version,
                              unchanged = run->sources_unchanged] {
        const auto began_ms = read_clocks().steady_ms;
        const bool same = unchanged();
        ports_.loop.post([this, run, now, due, began_ms, version, same] {
            note_begin(due, began_ms);
            on_verified(run, same && run->version == version, now);
        });
    });
}

void CardAgent::on_verified(const RunPtr& run, bool unchanged, Now started)
{
    run->schedule.finish(unchanged ? Finish::unchanged : Finish::changed, read_clocks());
    place(run);
    if (unchanged && run->current) {
        ports_.renew(run->card.name, started.unix_ms);
        run->counts.unchanged += repeats(run->card) ? 1 : 0;
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
