// So many at once, and one each interval afterwards: a token bucket, kept as the time at which it
// is full again.
//
// Thread safety: none.
#pragma once

#include <algorithm>
#include <cstdint>

namespace gatehouse {

class Allowance {
public:
    /// REQUIRES: at_once > 0.
    constexpr Allowance(unsigned at_once, unsigned interval_ms) noexcept
        : interval_ms_(interval_ms), most_ahead_ms_(std::uint64_t{at_once - 1} * interval_ms)
    {
    }

    /// Whether there is one left at this time of a clock that is never put back; then it is taken.
    constexpr bool take(std::uint64_t now_ms) noexcept
    {
        const auto full_ms = std::max(full_ms_, now_ms);
        if (full_ms - now_ms > most_ahead_ms_) {
            return false;
        }
        full_ms_ = full_ms + interval_ms_;
        return true;
    }

private:
    std::uint64_t interval_ms_;
    std::uint64_t most_ahead_ms_;
    std::uint64_t full_ms_ = 0;
};

}  // namespace gatehouse
