// Where a test may kill this process: between any two steps on shared memory.
//
// Only a build with GATEHOUSE_CRASH_POINTS has them; in all others a crash point is nothing.
#pragma once

#ifdef GATEHOUSE_CRASH_POINTS
#include <atomic>
#include <csignal>
#endif

namespace gatehouse {

#ifdef GATEHOUSE_CRASH_POINTS

/// How many crash points are passed before the process kills itself; 0: never.
inline std::atomic<long> crash_countdown{0};

inline void crash_point() noexcept
{
    if (crash_countdown.load(std::memory_order_relaxed) != 0 &&
        crash_countdown.fetch_sub(1, std::memory_order_relaxed) == 1) {
        std::raise(SIGKILL);
    }
}

#else

inline void crash_point() noexcept {}

#endif

}  // namespace gatehouse
