#include "sidecar/health/agent.h"

#include <algorithm>
#include <random>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"

namespace gatehouse::checks {

namespace log = sidecar::log;
using sidecar::read_clocks;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds tell_interval{1000};
constexpr milliseconds between_changes{100};

/// Within a tenth of the interval: checks that begin together do not stay together.
std::int64_t with_jitter(milliseconds interval)
{
    thread_local std::minstd_rand random{std::random_device{}()};
    const auto tenth = std::max<std::int64_t>(interval.count() / 10, 1);
    return interval.count() - tenth +
           std::uniform_int_distribution<std::int64_t>{0, 2 * tenth}(random);
}

/// One window of maintenance, ready to be asked.
struct Window {
    sidecar::CronExpression cron;
    const date::time_zone* zone;
    milliseconds duration;

    /// Whether a run of the expression lies less than `duration` back.
    bool contains(std::int64_t unix_ms) const
    {
        const sidecar::CronExpression::TimePoint now{milliseconds{unix_ms}};
        const auto begun = cron.next_after(now - duration, *zone);
        return begun && *begun <= now;
    }
};

std::vector<Window> windows_of(const config::Check& check)
{
    std::vector<Window> windows;
    for (const auto& each : check.maintenance) {
        auto cron = sidecar::CronExpression::parse(each.cron);
        const auto* zone = sidecar::find_time_zone(each.tz);
        if (cron && zone != nullptr) {
            windows.push_back({std::move(*cron), zone, each.duration});
        }
    }
    return windows;
}

}  // namespace

struct Agent::Entry {
    explicit Entry(const config::Check& check) : windows(windows_of(check))
    {
        report.check = check;
    }

    CheckReport report;
    Steadiness steadiness;
    CpuMeter cpu;
    std::vector<Window> windows;
    std::int64_t due_ms = 0;  ///< steady; 0: it runs now
    bool running = false;
    bool forgotten = false;  ///< no longer configured
    std::vector<std::function<void()>> waiters;
};

Agent::Agent(Ports ports, unsigned workers)
    : ports_(std::move(ports)),
      timer_(ports_.loop),
      tell_timer_(ports_.loop),
      started_at_ms_(read_clocks().steady_ms),
      pool_("checks", workers)
{
}

Agent::~Agent() = default;

void Agent::configure(const std::map<std::string, config::Check>& checks,
                      const config::Health& health, const std::string& version)
{
    health_ = health;
    version_ = version;
    profiles_ = make_profiles(health.profiles);
    std::map<std::string, EntryPtr> next;
    due_.clear();
    for (const auto& [name, check] : checks) {
        const auto held = entries_.find(name);
        const bool same = held != entries_.end() && held->second->report.check == check;
        auto& entry = next[name] = same ? held->second : std::make_shared<Entry>(check);
        if (!same) {
            schedule(entry, 0);
        } else if (!entry->running) {
            due_.insert({entry->due_ms, name});
        }
    }
    for (const auto& [name, entry] : entries_) {
        entry->forgotten = next.count(name) == 0 || next[name] != entry;
        if (entry->forgotten && !entry->running) {
            answer_waiters(*entry);
        }
    }
    entries_ = std::move(next);
    find_waiting();
    ports_.publish_away(answers_while_away(report(), profiles_, health_.down_after));
    tell();
    arm();
}

Report Agent::report() const
{
    Report report;
    report.version = version_;
    for (const auto& [name, entry] : entries_) {
        auto& check = report.checks.emplace_back(entry->report);
        check.state = check.waits_for.empty() ? check.state : State::unknown;
        check.excused = is_excused(*entry, sidecar::unix_ms());
    }
    for (auto& other : ports_.others()) {
        report.checks.push_back(std::move(other));
    }
    judge(report);
    return report;
}

// --- when ---

void Agent::schedule(const EntryPtr& entry, std::int64_t wait_ms)
{
    entry->due_ms = read_clocks().steady_ms + wait_ms;
    due_.insert({entry->due_ms, entry->report.check.name});
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
        if (entry->report.waits_for.empty()) {
            start(entry);
        } else {
            schedule(entry, with_jitter(entry->report.check.interval));
            tell_soon();
            answer_waiters(*entry);
        }
    }
    arm();
}

void Agent::start(const EntryPtr& entry)
{
    entry->running = true;
    if (is_held(entry->report.check.kind)) {
        return on_result(entry, ports_.look(entry->report.check));
    }
    pool_.submit([this, entry] {
        ports_.loop.post([this, entry, found = run(entry->report.check, entry->cpu, ports_.ask)] {
            on_result(entry, found);
        });
    });
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
            if (!entry->running) {
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

void Agent::on_result(const EntryPtr& entry, Measurement found)
{
    entry->running = false;
    if (stopped_ || entry->forgotten) {
        return answer_waiters(*entry);
    }
    auto& report = entry->report;
    const auto before = report.state;
    report.state = entry->steadiness.take(found.state, report.check.fails, report.check.passes);
    report.checked_at_ms = sidecar::unix_ms();
    if (found.state != State::down) {
        report.last_ok_ms = report.checked_at_ms;
    }
    report.last = std::move(found);
    ports_.has_run(report);
    schedule(entry, with_jitter(report.check.interval));
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

/// Who waits for whom, each check looked at once however many depend on it.
void Agent::find_waiting()
{
    std::set<const Entry*> known;
    const std::function<void(Entry&)> look = [&](Entry& entry) {
        if (!known.insert(&entry).second) {
            return;
        }
        entry.report.waits_for.clear();
        for (const auto& name : entry.report.check.depends_on) {
            const auto found = entries_.find(name);
            if (found == entries_.end()) {
                continue;
            }
            look(*found->second);
            const auto& other = found->second->report;
            if (other.state == State::down || !other.waits_for.empty()) {
                entry.report.waits_for = name;
                return;
            }
        }
    };
    for (const auto& [name, entry] : entries_) {
        look(*entry);
    }
}

bool Agent::is_excused(const Entry& entry, std::int64_t unix_ms) const
{
    if (entry.report.state == State::up) {
        return false;
    }
    const auto running_ms = read_clocks().steady_ms - started_at_ms_;
    return running_ms < entry.report.check.grace.count() ||
           std::any_of(entry.windows.begin(), entry.windows.end(),
                       [&](const Window& window) { return window.contains(unix_ms); });
}

// --- telling ---

void Agent::tell_soon()
{
    if (!tell_timer_.waiting()) {
        tell_timer_.start(tell_interval, [this] { tell(); });
    }
}

/// At once, unless a moment ago another was: when much fails together, it is told together.
void Agent::tell_change()
{
    const milliseconds since{read_clocks().steady_ms - told_at_ms_};
    if (since >= between_changes) {
        tell();
    } else {
        tell_timer_.start(between_changes - since, [this] { tell(); });
    }
}

void Agent::tell()
{
    tell_timer_.cancel();
    told_at_ms_ = read_clocks().steady_ms;
    const auto now = report();
    if (now.state != told_) {
        log::write(now.state == State::up ? log::Level::info : log::Level::warning,
                   "health changed",
                   {{"state", std::string{health::name_of(now.state)}}, {"reason", now.message}});
        told_ = now.state;
    }
    ports_.publish(answers(now, profiles_, health_.down_after));
    if (std::any_of(now.checks.begin(), now.checks.end(),
                    [](const CheckReport& check) { return check.excused; })) {
        tell_soon();  // the excuse may end without any news
    }
}

bool Agent::stop(milliseconds limit)
{
    stopped_ = true;
    timer_.cancel();
    tell_timer_.cancel();
    return pool_.wait_idle(limit);
}

}  // namespace gatehouse::checks
