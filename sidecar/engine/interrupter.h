// Ends a connection's query at a deadline or when a stop is requested.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "sidecar/engine/duckdb.h"

namespace gatehouse::engine {

class Interrupter {
public:
    enum class Cause { none, timeout, stop };
    using Clock = std::chrono::steady_clock;

    /// REQUIRES: the connection outlives this object.
    Interrupter(duckdb_connection connection, Clock::time_point deadline, std::stop_token stop);

    Interrupter(const Interrupter&) = delete;
    Interrupter& operator=(const Interrupter&) = delete;

    /// Why queries are being interrupted, if they are.
    Cause cause() const noexcept { return cause_.load(); }

private:
    void run(const std::stop_token& done, duckdb_connection connection, Clock::time_point deadline,
             std::stop_token stop);

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::atomic<Cause> cause_{Cause::none};
    std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace gatehouse::engine
