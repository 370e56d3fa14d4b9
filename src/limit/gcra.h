// The generic cell rate algorithm (ITU-T I.371, annex A), as a virtual scheduler: the word is the
// theoretical arrival time. In a header of its own because it is the default, and inlined where
// requests are decided.
//
// Thread safety: plain values.
#pragma once

#include "src/limit/window.h"

namespace gatehouse::limit {

/// How far a word is ahead of the time.
constexpr Ticks ahead(std::uint64_t word, Ticks now) noexcept
{
    return word > now ? word - now : 0;
}

/// See charge(). REQUIRES: cost ≤ window.amount.
inline void charge_gcra(const Window& window, std::uint64_t word, Ticks now, std::uint64_t cost,
                        Outcome& outcome) noexcept
{
    const Ticks backlog = ahead(word, now);
    const Ticks wanted = backlog + cost * window.interval;
    if (wanted > window.tolerance) [[unlikely]] {
        const Ticks room = backlog < window.tolerance ? window.tolerance - backlog : 0;
        outcome = {.admitted = false,
                   .word = word,
                   .remaining = room / window.interval,
                   .reset = backlog,
                   .retry = wanted - window.tolerance};
        return;
    }
    outcome = {.admitted = true,
               .word = now + wanted,
               .remaining = (window.tolerance - wanted) / window.interval,
               .reset = wanted};
}

}  // namespace gatehouse::limit
