// Monitors the monitor: asks a URL every so often, for as long as the loop runs.
//
// Thread safety: none; lives on the loop. Only the asking happens on a thread of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "sidecar/alerts/delivery.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"

namespace gatehouse::alerts {

class Heartbeat {
public:
    Heartbeat(sidecar::Loop& loop, Fetch fetch, std::function<sidecar::Now()> clocks);

    /// Another one begins at once.
    void configure(const config::Heartbeat& heartbeat);

    struct Report {
        bool on = false;
        std::uint64_t good = 0, failed = 0;
        std::int64_t last_good_ms = 0;  ///< Unix time; 0: none was good yet
        std::string error;              ///< of the last one; empty: it was good
    };
    const Report& report() const noexcept { return report_; }

    bool stop(std::chrono::milliseconds limit);

private:
    void ask();
    void on_answer(const std::string& error);

    sidecar::Loop& loop_;
    Fetch fetch_;
    std::function<sidecar::Now()> clocks_;
    sidecar::Timer timer_;
    config::Heartbeat settings_;
    Report report_;
    bool asking_ = false;
    sidecar::Pool pool_{"heartbeat", 1};  // last: its thread ends first
};

}  // namespace gatehouse::alerts
