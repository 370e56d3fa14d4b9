// When a card is verified and computed: what is due, and what became of it. No clock, no threads.
//
//             want()/time                 start()
//     idle ───────────────▶ ready(Now) ───────────▶ running
//      ▲                                              │ finish()
//      └──────────────────────────────────────────────┘
//
// Invariants
//   1. While running nothing is ready: no two runs of a card overlap.
//   2. What is wanted while running, however often, is done by exactly one more run.
//   3. After a failure the next try comes after 1, 2, 4, … 60 s, or as soon as its sources change.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "sidecar/base/clock.h"

namespace gatehouse::sidecar {

using Milliseconds = std::chrono::milliseconds;

/// What may be done for a card; the larger includes the smaller.
enum class Work {
    none,
    verify,  ///< look whether its sources changed; compute if so
    compute,
};

enum class Finish {
    computed,   ///< data are current as of the run's start
    failed,     ///< the computation failed
    unchanged,  ///< verified: the sources are what they were
    changed,    ///< verified: they are not, so it is to be computed
};

/// The configured refresh, as the schedule needs it. At most one of interval and next_run is set.
struct Rhythm {
    std::optional<Milliseconds> interval{};  ///< verified so often; after a failure, computed
    /// The first time to compute after a Unix time (cron); nothing: never again.
    std::function<std::optional<std::int64_t>(std::int64_t unix_ms)> next_run{};
    std::optional<Milliseconds> verify_every{};  ///< on_change: sources looked at so often
    /// Instead of the first interval, so that not all are due at once; 0: nothing.
    Milliseconds first{0};
};

class Schedule {
public:
    /// Wants its first computation at once.
    explicit Schedule(Rhythm rhythm) : rhythm_(std::move(rhythm)) {}

    /// Instead of the first computation: one that began at that Unix time.
    void resume(std::int64_t computed_at_ms, Now now);

    /// Another rhythm from now on, such as after a reload.
    void change(Rhythm rhythm, Now now);

    void want(Work work) noexcept;

    /// What may start now.
    Work ready(Now now) const;

    /// Takes what is ready. REQUIRES: ready(now) is not none.
    Work start(Now now);

    /// REQUIRES: running().
    void finish(Finish finish, Now now);

    /// How long until ready() may change by time alone. At most `longest_wait`: a stepped clock
    /// must not postpone a cron run for long.
    Milliseconds wait(Now now) const;

    /// How much later than it was due by time something starts now; nothing: it is only wanted.
    std::optional<Milliseconds> late(Now now) const;

    /// Whether what starts next is the rest of a run that began already.
    bool goes_on() const noexcept { return goes_on_; }

    bool running() const noexcept { return running_ != Work::none; }
    bool computing() const noexcept { return running_ == Work::compute; }
    unsigned failures() const noexcept { return failures_; }

    /// When the next computation is due by time alone, as far as known, in Unix time.
    std::optional<std::int64_t> next_computation(Now now) const;

    static constexpr Milliseconds longest_wait{30'000};
    static constexpr Milliseconds longest_retry{60'000};

private:
    void plan_next(Now now);

    Rhythm rhythm_;
    Work wanted_ = Work::compute;
    Work running_ = Work::none;
    Now started_;
    bool goes_on_ = false;  // what is wanted is the rest of the run that began at started_
    unsigned failures_ = 0;
    std::optional<std::int64_t> retry_at_;   // steady
    std::optional<std::int64_t> repeat_at_;  // steady, of an interval
    std::optional<std::int64_t> cron_at_;    // Unix
    std::optional<std::int64_t> verify_at_;  // steady
};

}  // namespace gatehouse::sidecar
