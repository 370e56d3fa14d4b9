// One window of a limit: a rate, or one part of a quota. How the word of a key's cell changes when
// a request is charged.
//
// Whatever the kind, a word is the time (in ticks, see base/ticks.h) at which its cell holds
// nothing any more: a word that is not in the future is as good as none.
//
//   rate     the theoretical arrival time of nginx's leaky bucket; whole milliseconds of time go
//            in, so every decision equals that of limit_req (ngx_http_limit_req_module.c)
//   gcra     the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371, annex A)
//   fixed    the window's end in milliseconds, and in the low 20 bits how many it has admitted
//   sliding  two cells, one for windows of even number, one for those of odd number; each as in
//            `fixed`, but with the end of the window that follows
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/ticks.h"

namespace gatehouse::limit {

enum class Algorithm : std::uint8_t { rate, gcra, fixed, sliding };

enum class Align : std::uint8_t { first, utc };

struct Window {
    Algorithm algorithm = Algorithm::gcra;
    Align align = Align::first;
    std::uint64_t amount = 0;     ///< how many requests pass at once; of a rate: its burst and one
    std::uint64_t period_ms = 0;  ///< in which `amount` pass; of a rate: in which they are refilled
    Ticks interval = 0;           ///< gcra: between two requests
    Ticks tolerance = 0;          ///< gcra: how far ahead of now the word may be
    std::uint64_t rate_milli = 0;  ///< rate: requests per 1000 s, as limit_req counts
    std::uint64_t salt = 0;        ///< which of a key's cells is this window's
    std::string name;              ///< as in RateLimit-Policy, such as "10/minute"
};

/// The longest period and the largest amounts that a word has room for: see cell_word.h.
inline constexpr std::uint64_t longest_period_ms = 20ULL * 366 * 86'400'000;
inline constexpr std::uint64_t largest_count = (std::uint64_t{1} << ticks_shift) - 1;
inline constexpr std::uint64_t largest_burst = 10'000'000;

/// `rate_milli` and `burst` as limit_req's configuration has them. REQUIRES: 1 ≤ rate_milli ≤ 1e9,
/// burst ≤ largest_burst, and the burst refills within longest_period_ms.
Window rate_window(std::uint64_t rate_milli, std::uint64_t burst, std::string name);

/// `amount` in `period_ms`. REQUIRES: both at least 1, period_ms ≤ longest_period_ms, amount ≤
/// largest_amount(algorithm, period_ms).
Window quota_window(Algorithm algorithm, Align align, std::uint64_t amount, std::uint64_t period_ms,
                    std::string name);

std::uint64_t largest_amount(Algorithm algorithm, std::uint64_t period_ms) noexcept;

/// When it is. `utc_offset_ms` is what Unix time is ahead of it.
struct Now {
    Ticks ticks = 0;
    std::int64_t utc_offset_ms = 0;
};

struct Outcome {
    bool admitted = false;
    std::uint64_t word = 0;          ///< what the cell holds after the charge
    std::uint64_t remaining = 0;     ///< how many more would pass now, after this one
    Ticks reset = 0;                 ///< until all of `amount` are there again
    Ticks retry = 0;                 ///< of a refusal: until a request of this cost can pass
    std::uint64_t excess_milli = 0;  ///< rate: what limit_req calls excess, in 1/1000 requests
};

/// What a request of `cost` gets where the cell holds `word`. `previous` is the word of the other
/// cell of a sliding window. Changes nothing: who admits replaces the word by that of the outcome.
void charge(const Window& window, std::uint64_t word, std::uint64_t previous, Now now,
            std::uint64_t cost, Outcome& outcome) noexcept;

inline Outcome charge(const Window& window, std::uint64_t word, std::uint64_t previous, Now now,
                      std::uint64_t cost) noexcept
{
    Outcome outcome;
    charge(window, word, previous, now, cost, outcome);
    return outcome;
}

/// The word after a charge is taken back that had made `charged` of the cell. As it is where that
/// charge is no part of it any more: its window is over, or it has been refilled by `now`.
std::uint64_t refund(const Window& window, std::uint64_t word, std::uint64_t charged, Ticks now,
                     std::uint64_t cost) noexcept;

std::uint64_t sliding_salt(const Window& window, Now now) noexcept;

/// The salt of the cell in force, and of the other one, which only a sliding window has.
inline std::uint64_t cell_salt(const Window& window, Now now) noexcept
{
    if (window.algorithm == Algorithm::sliding) [[unlikely]] {
        return sliding_salt(window, now);
    }
    return window.salt;
}
inline std::uint64_t previous_salt(const Window& window, Now now) noexcept
{
    return cell_salt(window, now) ^ 1;
}

}  // namespace gatehouse::limit
