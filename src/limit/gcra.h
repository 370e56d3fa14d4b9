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

/// How far ahead of the time the word would be after a charge. It is admitted if that is no more
/// than the tolerance. REQUIRES: cost ≤ window.amount.
constexpr Ticks gcra_ahead(const Window& window, std::uint64_t word, Ticks now,
                           std::uint64_t cost) noexcept
{
    return ahead(word, now) + cost * window.interval;
}

/// Of a charge that makes `word`, which is so far ahead, of the cell.
constexpr Outcome admitted_by_gcra(const Window& window, Ticks ahead, std::uint64_t word) noexcept
{
    return {.admitted = true,
            .word = word,
            .remaining = (window.tolerance - ahead) / window.interval,
            .reset = ahead};
}

/// See charge(). REQUIRES: cost ≤ window.amount.
inline void charge_gcra(const Window& window, std::uint64_t word, Ticks now, std::uint64_t cost,
                        Outcome& outcome) noexcept
{
    const Ticks wanted = gcra_ahead(window, word, now, cost);
    if (wanted > window.tolerance) [[unlikely]] {
        const Ticks backlog = ahead(word, now);
        const Ticks room = backlog < window.tolerance ? window.tolerance - backlog : 0;
        outcome = {.admitted = false,
                   .word = word,
                   .remaining = room / window.interval,
                   .reset = backlog,
                   .retry = wanted - window.tolerance};
        return;
    }
    outcome = admitted_by_gcra(window, wanted, now + wanted);
}

}  // namespace gatehouse::limit
