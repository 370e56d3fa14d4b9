// One thread that interrupts queries of DuckDB: at their deadlines, or when it is told to.
//
// Thread safety: all of it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "sidecar/engine/duckdb.h"

namespace gatehouse::engine {

class Watchdog {
public:
    using Clock = std::chrono::steady_clock;
    enum class Cause { none, timeout, stop };

    /// A connection while it is watched.
    struct Watched {
        duckdb_connection connection;
        Clock::time_point due;                   ///< when it is interrupted, or interrupted again
        std::atomic<Cause> cause = Cause::none;  ///< why it is
    };

    /// That of the process: a thread for each query would cost as much as a small query.
    static Watchdog& shared();

    void add(Watched& watched);

    /// Interrupts it now.
    void stop(Watched& watched);

    /// From here on its connection is left alone.
    void remove(Watched& watched);

    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

private:
    Watchdog();
    ~Watchdog();

    void run();
    void interrupt_those_due(Clock::time_point now);
    void look_at(Clock::time_point due);

    std::mutex mutex_;
    std::condition_variable sooner_;
    std::set<Watched*> watched_;
    Clock::time_point next_ = Clock::time_point::max();  ///< when the thread looks again
    bool closing_ = false;
    std::thread thread_;  // last: it works on what is before it
};

}  // namespace gatehouse::engine
