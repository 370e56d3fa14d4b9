// Ends a connection's query at a deadline or when a stop is requested.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <utility>

#include "sidecar/engine/watchdog.h"

namespace gatehouse::engine {

class Interrupter {
public:
    using Cause = Watchdog::Cause;
    using Clock = Watchdog::Clock;

    /// REQUIRES: the connection outlives this object.
    Interrupter(duckdb_connection connection, Clock::time_point deadline, std::stop_token stop)
        : watched_{connection, deadline}
    {
        Watchdog::shared().add(watched_);
        on_stop_.emplace(std::move(stop), [this] { Watchdog::shared().stop(watched_); });
    }

    ~Interrupter()
    {
        on_stop_.reset();
        Watchdog::shared().remove(watched_);
    }

    Interrupter(const Interrupter&) = delete;
    Interrupter& operator=(const Interrupter&) = delete;

    /// Why queries are being interrupted, if they are.
    Cause cause() const noexcept { return watched_.cause.load(); }

private:
    Watchdog::Watched watched_;
    std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace gatehouse::engine
