#include "sidecar/engine/watchdog.h"

#include <algorithm>

#include "sidecar/base/pool.h"

namespace gatehouse::engine {

namespace {

/// DuckDB forgets an interrupt when the connection's next query begins.
constexpr std::chrono::milliseconds again{20};

}  // namespace

Watchdog& Watchdog::shared()
{
    static Watchdog watchdog;
    return watchdog;
}

Watchdog::Watchdog() : thread_([this] { run(); }) {}

Watchdog::~Watchdog()
{
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    sooner_.notify_all();
    thread_.join();
}

void Watchdog::add(Watched& watched)
{
    const std::lock_guard lock(mutex_);
    watched_.insert(&watched);
    look_at(watched.due);
}

void Watchdog::stop(Watched& watched)
{
    const std::lock_guard lock(mutex_);
    watched.cause = Cause::stop;
    watched.due = Clock::now();
    look_at(watched.due);
}

void Watchdog::remove(Watched& watched)
{
    const std::lock_guard lock(mutex_);
    watched_.erase(&watched);
}

void Watchdog::look_at(Clock::time_point due)
{
    if (due < next_) {
        next_ = due;
        sooner_.notify_all();
    }
}

void Watchdog::run()
{
    sidecar::begin_work_thread("watchdog");
    std::unique_lock lock(mutex_);
    while (!closing_) {
        interrupt_those_due(Clock::now());
        if (next_ == Clock::time_point::max()) {
            sooner_.wait(lock);
        } else {
            sooner_.wait_until(lock, next_);
        }
    }
}

void Watchdog::interrupt_those_due(Clock::time_point now)
{
    next_ = Clock::time_point::max();
    for (Watched* watched : watched_) {
        if (watched->due <= now) {
            if (watched->cause == Cause::none) {
                watched->cause = Cause::timeout;
            }
            duckdb_interrupt(watched->connection);
            watched->due = now + again;
        }
        next_ = std::min(next_, watched->due);
    }
}

}  // namespace gatehouse::engine
