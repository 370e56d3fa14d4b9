// Time as the words of a shared cell hold it.
#pragma once

#include <cstdint>

namespace gatehouse {

/// 2^20 to a millisecond (one is 0.95 ns), so that a time of whole milliseconds leaves twenty bits
/// free for a count and still compares with a finer one. 63 bits last for 278 years.
using Ticks = std::uint64_t;

inline constexpr int ticks_shift = 20;
inline constexpr Ticks ticks_per_ms = Ticks{1} << ticks_shift;
inline constexpr Ticks ticks_per_second = 1000 * ticks_per_ms;

constexpr Ticks ticks_of_ms(std::uint64_t ms) noexcept
{
    return ms << ticks_shift;
}

constexpr std::uint64_t whole_ms(Ticks ticks) noexcept
{
    return ticks >> ticks_shift;
}

/// Rounded up, as a client must not come back too early.
constexpr std::uint64_t seconds_up(Ticks ticks) noexcept
{
    return (ticks + ticks_per_second - 1) / ticks_per_second;
}

}  // namespace gatehouse
