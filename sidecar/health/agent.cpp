// What the agent is told, and what it tells.
#include "sidecar/health/agent.h"

#include <algorithm>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "sidecar/health/entry.h"

namespace gatehouse::checks {

namespace log = sidecar::log;
using sidecar::read_clocks;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds tell_interval{1000};
constexpr milliseconds between_changes{100};

/// Whether both look at the same thing, however often and by whatever limits.
bool looks_at_the_same(const config::Check& one, config::Check other)
{
    other.severity = one.severity;
    other.interval = one.interval;
    other.timeout = one.timeout;
    other.fails = one.fails;
    other.passes = one.passes;
    other.grace = one.grace;
    other.depends_on = one.depends_on;
    other.maintenance = one.maintenance;
    other.warn_after = one.warn_after;
    other.fail_after = one.fail_after;
    other.max_age = one.max_age;
    other.min_size = one.min_size;
    other.min_rows = one.min_rows;
    other.min_workers = one.min_workers;
    other.warn = one.warn;
    other.fail = one.fail;
    return one == other;
}

bool is_awaited(const CheckReport& report)
{
    return report.pending && severity_of(report.check.severity) == Severity::critical;
}

}  // namespace

bool Window::contains(std::int64_t unix_ms) const
{
    const sidecar::CronExpression::TimePoint now{milliseconds{unix_ms}};
    const auto begun = cron.next_after(now - duration, *zone);
    return begun && *begun <= now;
}

std::vector<Window> windows_of(const config::Check& check)
{
    std::vector<Window> windows;
    for (const auto& each : check.maintenance) {
        const auto cron = sidecar::CronExpression::parse(each.cron);
        const auto* zone = sidecar::find_time_zone(each.tz);
        if (cron && zone != nullptr) {
            windows.push_back({*cron, zone, each.duration});
        }
    }
    return windows;
}

Agent::Agent(Ports ports)
    : ports_(std::move(ports)),
      timer_(ports_.loop),
      tell_timer_(ports_.loop),
      watch_timer_(ports_.loop),
      turns_(config::Health{}.workers),
      cold_(!ports_.resumes),
      resuming_(ports_.resumes),
      started_at_ms_(read_clocks().steady_ms)
{
}

Agent::~Agent() = default;

void Agent::configure(const std::map<std::string, config::Check>& checks,
                      const config::Health& health, const std::string& version)
{
    health_ = health;
    version_ = version;
    profiles_ = make_profiles(health.profiles);
    turns_.set_places(health.workers);
    due_.clear();
    std::map<std::string, EntryPtr> next;
    for (const auto& [name, check] : checks) {
        next[name] = taken_over(check);
    }
    for (const auto& [name, entry] : entries_) {
        entry->forgotten = next.count(name) == 0 || next[name] != entry;
        if (entry->forgotten && entry->stage != Entry::Stage::running) {
            answer_waiters(*entry);
        }
    }
    std::erase_if(waiting_, [](const EntryPtr& entry) { return entry->forgotten; });
    entries_ = std::move(next);
    find_waiting();
    ports_.publish_away(answers_while_away(report(), profiles_, health_.down_after));
    tell();
    start_waiting();
    arm();
}

/// The entry of before as far as it holds, or a new one.
Agent::EntryPtr Agent::taken_over(const config::Check& check)
{
    const auto held = entries_.find(check.name);
    if (held == entries_.end() || !looks_at_the_same(held->second->report.check, check)) {
        auto entry = std::make_shared<Entry>(check);
        run_soon(entry);
        return entry;
    }
    const auto& entry = held->second;
    if (entry->report.check != check) {
        entry->report.check = check;
        entry->windows = windows_of(check);
        entry->again = entry->stage == Entry::Stage::running;
        entry->due_ms = read_clocks().steady_ms;
    }
    if (entry->stage == Entry::Stage::asleep) {
        due_.insert({entry->due_ms, check.name});
    }
    return entry;
}

Report Agent::report() const
{
    const auto now = read_clocks().steady_ms;
    Report report;
    report.version = version_;
    for (const auto& [name, entry] : entries_) {
        report.checks.push_back(report_of(*entry, now));
    }
    for (auto& other : ports_.others()) {
        other.pending = other.pending && !cold_;
        report.checks.push_back(std::move(other));
    }
    judge(report);
    if (resuming_) {
        judge_while_resuming(report);
    }
    return report;
}

/// Not ready would be too much, and that all is well is not known.
void Agent::judge_while_resuming(Report& report)
{
    const auto awaited = std::find_if(report.checks.begin(), report.checks.end(), is_awaited);
    if (report.state == State::up && awaited != report.checks.end()) {
        report.state = State::degraded;
        report.message = awaited->check.name + ": " + awaited->message();
    }
}

CheckReport Agent::report_of(const Entry& entry, std::int64_t steady_ms) const
{
    auto report = entry.report;
    if (!report.waits_for.empty() || entry.unsure) {
        report.state = State::unknown;
    }
    report.pending = report.state == State::unknown && !cold_ && steady_ms < entry.pending_ms;
    report.overdue = report.state == State::unknown && report.waits_for.empty() &&
                     !report.pending && entry.unsure;
    report.excused = is_excused(entry, sidecar::unix_ms());
    return report;
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

/// Who waits for whom, each check looked at once however many depend on it. Who waits no more runs.
void Agent::find_waiting()
{
    std::set<const Entry*> known;
    const std::function<void(const EntryPtr&)> look = [&](const EntryPtr& entry) {
        if (!known.insert(entry.get()).second) {
            return;
        }
        const auto before = std::exchange(entry->report.waits_for, {});
        for (const auto& name : entry->report.check.depends_on) {
            const auto found = entries_.find(name);
            if (found == entries_.end()) {
                continue;
            }
            look(found->second);
            const auto& other = found->second->report;
            if (other.state == State::down || !other.waits_for.empty()) {
                entry->report.waits_for = name;
                return;
            }
        }
        if (!before.empty()) {
            entry->unsure = true;
            run_soon(entry);
        }
    };
    for (const auto& [name, entry] : entries_) {
        look(entry);
    }
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
    const auto now = report();
    resuming_ = resuming_ && std::any_of(now.checks.begin(), now.checks.end(), is_awaited);
    told_at_ms_ = read_clocks().steady_ms;
    if (now.state != told_) {
        log::write(now.state == State::up ? log::Level::info : log::Level::warning,
                   "health changed",
                   {{"state", std::string{health::name_of(now.state)}}, {"reason", now.message}});
        told_ = now.state;
    }
    cold_ = cold_ && now.state == State::down;
    ports_.publish(answers(now, profiles_, health_.down_after));
    if (std::any_of(now.checks.begin(), now.checks.end(),
                    [](const CheckReport& check) { return check.excused || check.pending; })) {
        tell_soon();  // either may end without any news
    }
}

bool Agent::stop(milliseconds limit)
{
    stopped_ = true;
    timer_.cancel();
    tell_timer_.cancel();
    watch_timer_.cancel();
    return threads_.wait_idle(limit);
}

}  // namespace gatehouse::checks
