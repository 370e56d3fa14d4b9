// What the agent holds of one check. Internal to agent.cpp and agent_runs.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sidecar/health/agent.h"

namespace gatehouse::checks {

/// One window of maintenance, ready to be asked.
struct Window {
    sidecar::CronExpression cron;
    const date::time_zone* zone;
    std::chrono::milliseconds duration;

    /// Whether a run of the expression lies less than `duration` back.
    bool contains(std::int64_t unix_ms) const;
};

std::vector<Window> windows_of(const config::Check& check);

struct Agent::Entry {
    explicit Entry(const config::Check& check) : windows(windows_of(check))
    {
        report.check = check;
    }

    enum class Stage { asleep, waiting, running };

    CheckReport report;
    Steadiness steadiness;
    CpuMeter cpu;  ///< of the thread that runs it
    std::vector<Window> windows;
    Stage stage = Stage::asleep;
    bool hangs = false;                        ///< its last run was given up and has not ended yet
    bool again = false;                        ///< what the run under way finds is old already
    bool unsure = false;                       ///< what is known of it is too old
    bool forgotten = false;                    ///< no longer configured
    std::int64_t due_ms = 0;                   ///< steady; while it is asleep
    std::int64_t late_ms = 0;                  ///< steady: when it has waited, or run, for too long
    std::int64_t pending_ms = 0;               ///< steady: until then being unknown does not count
    std::optional<sidecar::Turns::Kind> turn;  ///< that its run holds
    std::vector<std::function<void()>> waiters;
};

}  // namespace gatehouse::checks
