// Steps: spans of time of the same length, from a multiple of that on.
//
// What comes is added to the step of every length that it lies in, in one go: a minute is complete
// when its last ten seconds are, and nothing has to be rolled up later.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace gatehouse::history {

/// Lengths that are kept in the state's database; of checks from a minute on.
inline constexpr std::array<std::int64_t, 3> kept_steps{10, 60, 3600};
inline constexpr std::int64_t minute_s = 60;

/// Which step: its length and its beginning.
using Step = std::pair<std::int64_t, std::int64_t>;

constexpr std::int64_t beginning(std::int64_t at_s, std::int64_t step_s) noexcept
{
    return at_s / step_s * step_s;
}

/// The longest of the kept steps of which `step_s` is made; 0: of none.
constexpr std::int64_t made_of(std::int64_t step_s, std::int64_t shortest = kept_steps[0]) noexcept
{
    std::int64_t found = 0;
    for (const auto kept : kept_steps) {
        found = kept >= shortest && step_s % kept == 0 ? kept : found;
    }
    return found;
}

/// Calls for every kept step, of `shortest` and longer, that the moment lies in.
template <class Do>
void each_step(std::int64_t at_s, std::int64_t shortest, Do act)
{
    for (const auto length : kept_steps) {
        if (length >= shortest) {
            act(Step{length, beginning(at_s, length)});
        }
    }
}

}  // namespace gatehouse::history
