// The last minutes of traffic, second by second, in memory alone.
//
// Thread safety: none; a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "sidecar/history/traffic.h"

namespace gatehouse::history {

class Recent {
public:
    struct Second {
        std::int64_t at_s;
        ByEndpoint traffic;
    };

    /// Adds to the second; what is older than the last `reach_s` goes.
    void add(std::int64_t at_s, const ByEndpoint& traffic);

    /// All seconds that have traffic, the oldest first.
    const std::deque<Second>& seconds() const noexcept { return seconds_; }

    static constexpr std::int64_t reach_s = 300;

    /// With more endpoints than that over all seconds the oldest go earlier: some 20 MB.
    static constexpr std::size_t most_cells = 80'000;

private:
    std::deque<Second> seconds_;
    std::size_t cells_ = 0;
};

}  // namespace gatehouse::history
