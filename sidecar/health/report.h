// How all checks stand, and what that makes of the whole.
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sidecar/config/types.h"
#include "sidecar/health/measurement.h"

namespace gatehouse::checks {

using health::Severity;

struct CheckReport {
    config::Check check;
    State state = State::unknown;  ///< after hysteresis; unknown: not run yet, too long ago, waits
    Measurement last;              ///< of the last run
    std::int64_t since_ms = 0;     ///< Unix time of the last change of state
    std::int64_t checked_at_ms = 0;  ///< 0: not run yet
    std::int64_t last_ok_ms = 0;     ///< 0: never
    std::string waits_for;           ///< the check that is down and without which it cannot be up
    bool excused = false;            ///< maintenance, or the grace after the start
    bool pending = false;            ///< unknown, and a run of it is on its way
    bool away = false;               ///< unknown, as the sidecar is away
    bool overdue = false;            ///< unknown, as no run of it could begin for too long

    /// Whether it makes nothing of the whole, however it stands.
    bool is_set_aside() const { return excused || pending || !waits_for.empty(); }

    /// Why it is not up; empty: it is.
    std::string message() const
    {
        if (away) {
            return "the sidecar is away";
        }
        if (!waits_for.empty()) {
            return "waits for \"" + waits_for + "\", which is down";
        }
        if (overdue) {
            return "it has not run for too long: other checks hold all of \"health.workers\"";
        }
        if (checked_at_ms == 0) {
            return "not run yet";
        }
        if (state == State::unknown) {
            return "what it waited for is back: it runs again";
        }
        return state == State::up ? "" : last.message;
    }
};

struct Report {
    std::string version;              ///< of the app
    std::vector<CheckReport> checks;  ///< by name
    State state = State::up;          ///< of the whole
    std::string message;              ///< of the first check that makes it so; empty: up
    bool away = false;                ///< the sidecar is: nothing is known to be wrong, nor right
    bool brief = false;               ///< for those who may see no more than how things are

    bool is_merely_away() const noexcept { return away && state == State::degraded; }
};

Severity severity_of(const std::string& word) noexcept;

/// Fills in the state of the whole. A critical check that is down or unknown makes it down; one
/// that is degraded, and any other that is not up any more, degraded; those of severity info, those
/// that are excused, those that wait for another and those that are pending make nothing.
void judge(Report& report);

/// How things are, without what checks are called, have measured, or say: the message is a word.
Report brief(Report report);

/// How it stands for alerts. unknown: nothing can be said. What is overdue is what it makes of the
/// whole: down where it is critical, degraded where it is degrading.
State state_for_alerts(const CheckReport& report) noexcept;

}  // namespace gatehouse::checks
