// When the agent runs checks, and what it makes of what they find, or do not.
#include <algorithm>
#include <random>

#include "sidecar/base/clean_text.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "sidecar/health/entry.h"

namespace gatehouse::checks {

namespace log = sidecar::log;
using sidecar::read_clocks;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds watch_interval{250};

/// Runs that hang beside those that count. Beyond that a place is lost with each.
constexpr unsigned most_given_up = 64;

/// Within a tenth of the interval: checks that begin together do not stay together.
std::int64_t with_jitter(milliseconds interval)
{
    thread_local std::minstd_rand random{std::random_device{}()};
    const auto tenth = std::max<std::int64_t>(interval.count() / 10, 1);
    return interval.count() - tenth +
           std::uniform_int_distribution<std::int64_t>{0, 2 * tenth}(random);
}

sidecar::Turns::Kind kind_of(const CheckReport& report)
{
    return {.urgent = severity_of(report.check.severity) == Severity::critical,
            .hangs = report.last.timed_out};
}

Measurement hung()
{
    auto found = down("its run did not end in time and still hangs");
    found.timed_out = true;
    return found;
}

}  // namespace

// --- when ---

void Agent::schedule(const EntryPtr& entry, std::int64_t wait_ms)
{
    entry->due_ms = read_clocks().steady_ms + wait_ms;
    due_.insert({entry->due_ms, entry->report.check.name});
}

/// What is known of it counts no more, nor does it count that nothing is known, until it has run.
void Agent::run_soon(const EntryPtr& entry)
{
    const auto limit = entry->report.check.timeout + ports_.end_slack;
    entry->pending_ms = read_clocks().steady_ms + limit.count();
    entry->again = entry->stage == Entry::Stage::running;
    if (entry->stage == Entry::Stage::asleep) {
        due_.erase({entry->due_ms, entry->report.check.name});
        schedule(entry, 0);
    }
}

void Agent::arm()
{
    if (stopped_ || due_.empty()) {
        return timer_.cancel();
    }
    const auto wait = due_.begin()->first - read_clocks().steady_ms;
    timer_.start(milliseconds{std::max<std::int64_t>(wait, 0)}, [this] { start_due(); });
}

void Agent::start_due()
{
    const auto now = read_clocks().steady_ms;
    while (!due_.empty() && due_.begin()->first <= now) {
        const auto entry = entries_.at(due_.begin()->second);
        due_.erase(due_.begin());
        if (!entry->report.waits_for.empty()) {
            schedule(entry, with_jitter(entry->report.check.interval));
            tell_soon();
            answer_waiters(*entry);
        } else if (entry->hangs) {
            take(entry, hung());
        } else if (is_held(entry->report.check.kind)) {
            take(entry, ports_.look(entry->report.check));
        } else {
            entry->stage = Entry::Stage::waiting;
            entry->late_ms = now + (entry->report.check.timeout + ports_.wait_slack).count();
            waiting_.push_back(entry);
        }
    }
    start_waiting();
    arm();
}

void Agent::start_waiting()
{
    while (const auto entry = stopped_ ? nullptr : next_in_turn()) {
        start(entry);
    }
    if (!watch_timer_.waiting() && !stopped_ && !(running_.empty() && waiting_.empty())) {
        watch_timer_.start(watch_interval, [this] { watch(); });
    }
}

/// Taken from those that wait; null: none may begin.
Agent::EntryPtr Agent::next_in_turn()
{
    for (const bool urgent : {true, false}) {
        const auto found =
            std::find_if(waiting_.begin(), waiting_.end(), [&](const EntryPtr& entry) {
                const auto kind = kind_of(entry->report);
                return kind.urgent == urgent && turns_.may_begin(kind);
            });
        if (found != waiting_.end()) {
            auto entry = *found;
            waiting_.erase(found);
            return entry;
        }
    }
    return nullptr;
}

void Agent::start(const EntryPtr& entry)
{
    entry->stage = Entry::Stage::running;
    entry->late_ms =
        read_clocks().steady_ms + (entry->report.check.timeout + ports_.end_slack).count();
    entry->turn = kind_of(entry->report);
    turns_.begin(*entry->turn);
    running_.insert(entry);
    const bool started = threads_.start([this, entry, check = entry->report.check] {
        ports_.loop.post(
            [this, entry, found = run(check, entry->cpu, ports_.ask)] { on_end(entry, found); });
    });
    if (!started) {
        ports_.loop.post(
            [this, entry] { on_end(entry, down("the system has no thread to spare for it")); });
    }
}

bool Agent::run_now(const std::string& check, std::function<void()> done)
{
    const auto left = std::make_shared<std::size_t>(0);
    for (const auto& [name, entry] : entries_) {
        if (check.empty() || name == check) {
            ++*left;
            entry->waiters.push_back([left, done] {
                if (--*left == 0) {
                    done();
                }
            });
            if (entry->stage == Entry::Stage::asleep) {
                due_.erase({entry->due_ms, name});
                schedule(entry, 0);
            }
        }
    }
    if (*left == 0 && check.empty()) {
        ports_.loop.post(done);
    }
    arm();
    return *left > 0 || check.empty();
}

// --- what was found ---

/// Gives up what does not end; has it told that there was no run for too long.
void Agent::watch()
{
    const auto now = read_clocks().steady_ms;
    const auto is_late = [&](const EntryPtr& entry) { return now > entry->late_ms; };
    for (const auto& entry : std::vector<EntryPtr>{running_.begin(), running_.end()}) {
        if (!entry->hangs && is_late(entry)) {
            give_up(entry);
        }
    }
    for (const auto& entry : waiting_) {
        if (!entry->unsure && is_late(entry) && entry->report.state != State::down) {
            entry->unsure = true;
            tell_soon();
        }
    }
    start_waiting();
    arm();
}

void Agent::give_up(const EntryPtr& entry)
{
    entry->hangs = true;
    entry->stage = Entry::Stage::asleep;
    if (given_up_ < most_given_up) {
        turns_.end(*entry->turn);
        entry->turn.reset();
        ++given_up_;
    }
    if (!entry->forgotten) {
        take(entry, hung());
    }
    answer_waiters(*entry);
}

/// A run has ended, perhaps long after it was given up.
void Agent::on_end(const EntryPtr& entry, const Measurement& found)
{
    running_.erase(entry);
    entry->stage = Entry::Stage::asleep;
    if (entry->turn) {
        turns_.end(*entry->turn);
        entry->turn.reset();
    } else {
        --given_up_;
    }
    const bool is_old = std::exchange(entry->hangs, false);
    if (stopped_ || entry->forgotten) {
        answer_waiters(*entry);
    } else if (is_old) {
        due_.erase({entry->due_ms, entry->report.check.name});
        schedule(entry, 0);
    } else {
        take(entry, found);
    }
    start_waiting();
    arm();
}

void Agent::take(const EntryPtr& entry, Measurement found)
{
    auto& report = entry->report;
    const auto before = report.state;
    report.state = entry->steadiness.take(found.state, report.check.fails, report.check.passes);
    report.checked_at_ms = sidecar::unix_ms();
    if (found.state != State::down) {
        report.last_ok_ms = report.checked_at_ms;
    }
    report.last = std::move(found);
    report.last.message = sidecar::clean_text(report.last.message);
    schedule(entry, entry->again ? 0 : with_jitter(report.check.interval));
    if (!std::exchange(entry->again, false)) {
        entry->unsure = false;
    }
    ports_.has_run(report);
    arm();
    if (report.state != before) {
        find_waiting();
        report.since_ms = report.checked_at_ms;
        const bool good = report.state == State::up;
        if (!good || before != State::unknown) {
            log::write(good ? log::Level::info : log::Level::warning, "check changed",
                       {{"check", report.check.name},
                        {"state", std::string{health::name_of(report.state)}},
                        {"severity", report.check.severity},
                        {"reason", report.message()}});
        }
        tell_change();
    } else {
        tell_soon();
    }
    answer_waiters(*entry);
}

void Agent::answer_waiters(Entry& entry)
{
    for (const auto& waiter : std::exchange(entry.waiters, {})) {
        waiter();
    }
}

}  // namespace gatehouse::checks
