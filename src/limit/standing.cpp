#include "src/limit/standing.h"

#include <algorithm>

#include "src/limit/gcra.h"

namespace gatehouse::limit {

namespace {

/// Until the cell holds nothing any more. The words of `fixed` and `sliding` have a count in what
/// is below a millisecond.
Ticks time_left(const Window& window, std::uint64_t word, Ticks now) noexcept
{
    const bool counts =
        window.algorithm == Algorithm::fixed || window.algorithm == Algorithm::sliding;
    return ahead(counts ? ticks_of_ms(whole_ms(word)) : word, now);
}

}  // namespace

Standing standing(const Window& window, std::uint64_t word, std::uint64_t previous,
                  Now now) noexcept
{
    const auto next = charge(window, word, previous, now, 1);
    Standing found;
    found.remaining = next.admitted ? std::min(next.remaining + 1, window.amount) : 0;
    found.used = window.amount - found.remaining;
    found.reset =
        std::max(time_left(window, word, now.ticks), time_left(window, previous, now.ticks));
    found.retry = next.admitted ? 0 : std::max(next.retry, Ticks{1});
    return found;
}

}  // namespace gatehouse::limit
