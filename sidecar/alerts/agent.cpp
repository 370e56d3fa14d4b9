#include "sidecar/alerts/agent.h"

#include <algorithm>

#include "sidecar/base/log.h"

namespace gatehouse::alerts {

namespace log = sidecar::log;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds tick_interval{1000};
constexpr std::int64_t wait_for_state_ms = 10'000;
constexpr std::int64_t settling_ms = 60'000;
constexpr std::int64_t clean_every_ms = 3'600'000;
constexpr std::int64_t refresh_every_ms = 10'000;

void log_news(const Alert& alert)
{
    const bool firing = alert.phase == Phase::firing;
    log::write(firing ? log::Level::warning : log::Level::info,
               firing ? "alert firing" : "alert resolved",
               {{"rule", alert.rule},
                {"target", alert.target},
                {"severity", alert.severity},
                {"detail", alert.detail}});
}

}  // namespace

Agent::Agent(Ports ports)
    : ports_(std::move(ports)),
      timer_(ports_.loop),
      started_(ports_.clocks()),
      courier_({ports_.loop, ports_.fetch, ports_.clocks,
                [this](const std::string& id, const std::string& receiver, Phase phase) {
                    book_.note_told(id, receiver, phase, ports_.clocks().unix_ms);
                }}),
      heartbeat_(ports_.loop, ports_.fetch, ports_.clocks)
{
}

Agent::~Agent() = default;

void Agent::configure(const config::Alerts& alerts, milliseconds keep)
{
    settings_ = alerts;
    keep_ = keep;
    wanted_.clear();
    growing_.clear();
    std::set<Windows::Span> spans;
    for (const auto& [name, rule] : settings_.rules) {
        wanted_.merge(metrics_for(rule));
        if (has_window(rule)) {
            growing_.merge(metrics_for(rule));
            spans.insert(rule.window);
        }
    }
    windows_.configure(spans);
    courier_.configure(settings_.receivers);
    heartbeat_.configure(settings_.heartbeat);
    if (!timer_.waiting()) {
        tick();
    }
}

void Agent::tick()
{
    timer_.start(tick_interval, [this] { tick(); });
    const auto now = ports_.clocks();
    if (is_ready()) {
        watch(now);
        deliver(now.unix_ms);
        keep_changes();
    }
    look_after_store(now.unix_ms);
}

/// Whether it is known what was before, or will not be known for long.
bool Agent::is_ready()
{
    if (!ports_.store || loaded_) {
        return true;
    }
    load();
    return ports_.clocks().steady_ms - started_.steady_ms >= wait_for_state_ms;
}

void Agent::load()
{
    if (std::exchange(loading_, true)) {
        return;
    }
    pool_.submit([this, store = ports_.store] {
        ports_.loop.post([this, kept = store->load()]() mutable {
            loading_ = false;
            if (kept) {
                take(std::move(*kept));
            } else if (ports_.clocks().steady_ms - started_.steady_ms >= wait_for_state_ms) {
                (void)why_not(kept.error());
            }
        });
    });
}

void Agent::take(Store::Kept kept)
{
    loaded_ = true;
    store_failed_ = false;
    silences_ = std::move(kept.silences);
    for (auto& alert : kept.alerts) {
        book_.restore(std::move(alert));
    }
    if (!stopped_ && timer_.waiting()) {
        tick();
    }
}

void Agent::watch(sidecar::Now now)
{
    book_.keep_rules(settings_.rules, now.unix_ms);
    book_.forget_resolved(now.unix_ms - keep_.count());
    if (!settings_.rules.empty()) {
        auto world = ports_.look(wanted_);
        world.now = sum_of(world.counted);
        world.is_settled = now.steady_ms - started_.steady_ms >= settling_ms;
        for (auto& [origin, series] : world.counted) {
            std::erase_if(series, [&](const auto& one) { return !growing_.contains(one.first); });
        }
        growth_.take(world.counted, started_.unix_ms);
        windows_.push(growth_.totals(), now.steady_ms);
        for (const auto& [name, rule] : settings_.rules) {
            book_.observe(rule, evaluate(rule, world, windows_), now.unix_ms);
        }
    }
    for (const auto& alert : book_.take_news()) {
        log_news(alert);
    }
}

void Agent::deliver(std::int64_t now_ms)
{
    std::erase_if(silences_, [&](const Silence& one) { return one.until_ms <= now_ms; });
    for (const auto& [name, receiver] : settings_.receivers) {
        courier_.offer(name, book_.due(receiver, settings_.rules, silences_, now_ms));
    }
}

// --- what is kept ---

/// Says it once, until it is well again.
std::string Agent::why_not(const Error& error)
{
    if (!std::exchange(store_failed_, true)) {
        log::error("alerts are not kept",
                   {{"error", error.message}, {"now", "they go on; a restart would forget them"}});
    }
    return error.message;
}

void Agent::keep_changes()
{
    if (!ports_.store || !loaded_ || saving_) {
        return;
    }
    auto changes = book_.take_changes();
    if (changes.empty()) {
        return;
    }
    saving_ = true;
    pool_.submit([this, store = ports_.store, changes = std::move(changes)]() mutable {
        const auto saved = store->save(changes);
        ports_.loop.post([this, saved, changes = std::move(changes)] {
            saving_ = false;
            if (!saved) {
                book_.put_back(changes);
                (void)why_not(saved.error());
            } else if (std::exchange(store_failed_, false)) {
                log::info("alerts are kept again");
            }
        });
    });
}

/// Removes what is old, and hears of silences that others have made.
void Agent::look_after_store(std::int64_t now_ms)
{
    if (!ports_.store || !loaded_) {
        return;
    }
    if (now_ms - cleaned_ms_ >= clean_every_ms) {
        cleaned_ms_ = now_ms;
        pool_.submit([store = ports_.store, before = now_ms - keep_.count(), now_ms] {
            (void)store->clean(before, now_ms);  // once more in an hour
        });
    }
    if (ports_.store->is_shared() && now_ms - refreshed_ms_ >= refresh_every_ms) {
        refreshed_ms_ = now_ms;
        pool_.submit([this, store = ports_.store] {
            ports_.loop.post([this, silences = store->silences()]() mutable {
                if (silences) {
                    silences_ = std::move(*silences);
                }
            });
        });
    }
}

// --- silences, trials ---

const Silence* Agent::silence_of(const Alert& alert) const
{
    const Silence* longest = nullptr;
    for (const auto& silence : silences_) {
        if (silence.covers(alert, unix_ms()) &&
            (longest == nullptr || silence.until_ms > longest->until_ms)) {
            longest = &silence;
        }
    }
    return longest;
}

void Agent::silence(Silence silence, std::function<void(Result<Silence>)> done)
{
    silence.created_ms = unix_ms();
    const auto take = [this, done = std::move(done)](Result<Silence> made) {
        if (made) {
            silences_.push_back(*made);
        }
        done(std::move(made));
    };
    if (!ports_.store) {
        silence.id = next_silence_++;
        return take(std::move(silence));
    }
    pool_.submit([this, store = ports_.store, silence = std::move(silence), take] {
        ports_.loop.post([take, made = store->add(silence)]() mutable { take(std::move(made)); });
    });
}

bool Agent::unsilence(std::int64_t id, std::function<void(Result<void>)> done)
{
    const auto known = std::find_if(silences_.begin(), silences_.end(),
                                    [&](const Silence& one) { return one.id == id; });
    if (known == silences_.end()) {
        return false;
    }
    const auto take = [this, id, done = std::move(done)](const Result<void>& removed) {
        if (removed) {
            std::erase_if(silences_, [&](const Silence& one) { return one.id == id; });
        }
        done(removed);
    };
    if (!ports_.store) {
        take({});
        return true;
    }
    pool_.submit([this, store = ports_.store, id, take] {
        ports_.loop.post([take, removed = store->remove(id)] { take(removed); });
    });
    return true;
}

bool Agent::test(const std::string& receiver, std::function<void(const Attempt&)> done)
{
    return courier_.test(receiver, std::move(done));
}

bool Agent::finish(milliseconds limit)
{
    stopped_ = true;
    timer_.cancel();
    saving_ = false;  // one after the other
    keep_changes();
    const bool told = courier_.stop(limit);
    return heartbeat_.stop(limit) && pool_.wait_idle(limit) && told;
}

}  // namespace gatehouse::alerts
