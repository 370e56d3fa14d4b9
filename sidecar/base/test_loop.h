// A loop that runs until what a test waits for is so.
#pragma once

#include <chrono>
#include <functional>

#include "sidecar/base/loop.h"

namespace gatehouse::sidecar {

/// Looks again after each `pause`. False: it was not so within `limit`.
inline bool run_until(Loop& loop, const std::function<bool()>& holds, std::chrono::seconds limit,
                      std::chrono::milliseconds pause)
{
    const auto end = std::chrono::steady_clock::now() + limit;
    Timer timer{loop};
    bool held = false;
    const std::function<void()> look = [&] {
        held = holds();
        if (held || std::chrono::steady_clock::now() > end) {
            return loop.stop();
        }
        timer.start(pause, look);
    };
    look();
    (void)loop.run();
    return held;
}

}  // namespace gatehouse::sidecar
