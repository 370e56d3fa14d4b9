#include "src/limit/window.h"

#include <algorithm>
#include <utility>

#include "src/limit/gcra.h"

namespace gatehouse::limit {

namespace {

constexpr std::uint64_t whole = 1000;  // one request, in limit_req's thousandths

// cell_salt adds a bit for the parity of a sliding window.
constexpr std::uint64_t even_salt(std::uint64_t salt) noexcept
{
    return salt << 1;
}

/// Cells are told apart by what a window is, not by its place in a list: a quota that gains or
/// loses another window keeps the counts of this one. `pace` is a quota's period or a rate.
std::uint64_t salt_of(Algorithm algorithm, Align align, std::uint64_t pace) noexcept
{
    const std::uint64_t kind =
        static_cast<std::uint64_t>(algorithm) * 2 + (align == Align::utc ? 1 : 0);
    // SplitMix64's mixer (Steele, Lea, Flood 2014).
    std::uint64_t x = pace * 16 + kind + 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

std::uint64_t divide_up(std::uint64_t dividend, std::uint64_t divisor) noexcept
{
    return (dividend + divisor - 1) / divisor;
}

// ---- rate -------------------------------------------------------------------------------------

/// `milli` thousandths of a request, as the time in which the rate refills them.
Ticks time_of(std::uint64_t milli, std::uint64_t rate_milli) noexcept
{
    return milli * ticks_per_second / rate_milli;
}

void charge_rate(const Window& window, std::uint64_t word, Ticks now, std::uint64_t cost,
                 Outcome& outcome) noexcept
{
    // In whole milliseconds, as limit_req knows the time: then `excess`, rounded up, is its own.
    now &= ~(ticks_per_ms - 1);
    const std::uint64_t burst = (window.amount - 1) * whole;
    const Ticks backlog = ahead(word, now);
    // Beyond this the product below could overflow, and the answer is known.
    const bool hopeless = backlog > time_of(burst + 2 * whole, window.rate_milli);
    const std::uint64_t excess =
        (cost - 1) * whole +
        (hopeless ? burst + 2 * whole : divide_up(backlog * window.rate_milli, ticks_per_second));
    if (excess > burst) {
        const Ticks allowed = time_of(burst, window.rate_milli);
        const Ticks wanted = backlog + time_of((cost - 1) * whole, window.rate_milli);
        outcome = {.admitted = false,
                   .word = word,
                   .reset = backlog,
                   .retry = wanted > allowed ? wanted - allowed : ticks_per_ms,
                   .excess_milli = excess};
        return;
    }
    const Ticks filled = time_of(excess + whole, window.rate_milli);
    outcome = {.admitted = true,
               .word = now + filled,
               .remaining = (burst - excess) / whole,
               .reset = filled,
               .excess_milli = excess};
}

// ---- fixed and sliding ------------------------------------------------------------------------

constexpr std::uint64_t count_mask = ticks_per_ms - 1;

struct Counted {
    std::uint64_t ends_ms;
    std::uint64_t count;

    static Counted from(std::uint64_t word) noexcept { return {whole_ms(word), word & count_mask}; }
    std::uint64_t word() const noexcept { return ticks_of_ms(ends_ms) | count; }
};

/// Since 1970, which is when windows aligned to UTC are counted from.
std::uint64_t unix_ms(Now now) noexcept
{
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(whole_ms(now.ticks)) +
                                      now.utc_offset_ms);
}

std::uint64_t utc_number(const Window& window, Now now) noexcept
{
    return unix_ms(now) / window.period_ms;
}

/// In zone time.
std::uint64_t utc_end_ms(const Window& window, Now now) noexcept
{
    const auto into = unix_ms(now) % window.period_ms;
    return whole_ms(now.ticks) + (window.period_ms - into);
}

void charge_fixed(const Window& window, std::uint64_t word, Now now, std::uint64_t cost,
                  Outcome& outcome) noexcept
{
    const auto now_ms = whole_ms(now.ticks);
    auto counted = Counted::from(word);
    if (counted.ends_ms <= now_ms) {
        counted = {window.align == Align::utc ? utc_end_ms(window, now) : now_ms + window.period_ms,
                   0};
    }
    const Ticks left = ticks_of_ms(counted.ends_ms - now_ms);
    const auto room = window.amount - std::min(counted.count, window.amount);
    if (cost > room) {
        outcome = {
            .admitted = false, .word = word, .remaining = room, .reset = left, .retry = left};
        return;
    }
    counted.count += cost;
    outcome = {.admitted = true, .word = counted.word(), .remaining = room - cost, .reset = left};
}

/// The share of the previous window that the sliding one still covers, rounded up.
std::uint64_t carried(const Window& window, std::uint64_t count, std::uint64_t left_ms) noexcept
{
    static_assert(largest_count < (1ULL << 20) && 2 * longest_period_ms < (1ULL << 43));
    return divide_up(count * left_ms, window.period_ms);
}

/// When so many requests of the previous window have slid out that `needed` fit; never later than
/// the end of the window after this one.
std::uint64_t slide_ms(const Window& window, std::uint64_t previous, std::uint64_t count,
                       std::uint64_t left_ms, std::uint64_t needed) noexcept
{
    if (count + needed <= window.amount) {
        // carried(previous, x) ≤ amount - count - needed
        const auto allowed = window.amount - count - needed;
        return left_ms -
               std::min(left_ms, allowed * window.period_ms / std::max<std::uint64_t>(previous, 1));
    }
    // In the next window this one's count slides out in turn.
    const auto allowed = window.amount >= needed ? window.amount - needed : 0;
    return left_ms + window.period_ms -
           std::min(window.period_ms,
                    allowed * window.period_ms / std::max<std::uint64_t>(count, 1));
}

void charge_sliding(const Window& window, std::uint64_t word, std::uint64_t previous, Now now,
                    std::uint64_t cost, Outcome& outcome) noexcept
{
    const auto now_ms = whole_ms(now.ticks);
    const auto end_ms = utc_end_ms(window, now);
    const auto left_ms = end_ms - now_ms;
    auto current = Counted::from(word);
    if (current.ends_ms <= now_ms) {
        current.count = 0;
    }
    current.ends_ms = end_ms + window.period_ms;
    const auto before = Counted::from(previous);
    const auto before_count = before.ends_ms > now_ms ? before.count : 0;
    const auto used = carried(window, before_count, left_ms) + current.count;
    const auto room = window.amount - std::min(used, window.amount);
    const Ticks reset = ticks_of_ms(left_ms + (current.count > 0 ? window.period_ms : 0));
    if (cost > room) {
        const auto retry_ms = slide_ms(window, before_count, current.count, left_ms, cost);
        outcome = {.admitted = false,
                   .word = word,
                   .remaining = room,
                   .reset = reset,
                   .retry = ticks_of_ms(std::max<std::uint64_t>(retry_ms, 1))};
        return;
    }
    current.count += cost;
    outcome = {.admitted = true,
               .word = current.word(),
               .remaining = room - cost,
               .reset = ticks_of_ms(left_ms + window.period_ms)};
}

}  // namespace

Window rate_window(std::uint64_t rate_milli, std::uint64_t burst, std::string name)
{
    Window window;
    window.algorithm = Algorithm::rate;
    window.amount = burst + 1;
    window.rate_milli = rate_milli;
    window.period_ms = divide_up(window.amount * whole * 1000, rate_milli);
    // Of the rate as well: what takes a slow rate an hour to refill must not hold up a faster one.
    window.salt = even_salt(salt_of(Algorithm::rate, Align::first, rate_milli));
    window.name = std::move(name);
    return window;
}

Window quota_window(Algorithm algorithm, Align align, std::uint64_t amount, std::uint64_t period_ms,
                    std::string name)
{
    Window window;
    window.algorithm = algorithm;
    window.align = algorithm == Algorithm::fixed ? align : Align::first;
    window.amount = amount;
    window.period_ms = period_ms;
    // Rounded up: never more than `amount` in a period of refill.
    window.interval = divide_up(ticks_of_ms(period_ms), amount);
    window.tolerance = amount * window.interval;
    window.salt = even_salt(salt_of(algorithm, window.align, period_ms));
    window.name = std::move(name);
    return window;
}

std::uint64_t largest_amount(Algorithm algorithm, std::uint64_t period_ms) noexcept
{
    switch (algorithm) {
    case Algorithm::rate: return largest_burst + 1;
    case Algorithm::gcra: return ticks_of_ms(period_ms) / 16;
    case Algorithm::fixed:
    case Algorithm::sliding: return largest_count;
    }
    return 0;
}

void charge(const Window& window, std::uint64_t word, std::uint64_t previous, Now now,
            std::uint64_t cost, Outcome& outcome) noexcept
{
    if (cost > window.amount) {
        // No time will do; what comes first is that all of it is there.
        const Ticks period = ticks_of_ms(window.period_ms);
        outcome = {.word = word, .remaining = window.amount, .reset = period, .retry = period};
        return;
    }
    switch (window.algorithm) {
    case Algorithm::gcra: charge_gcra(window, word, now.ticks, cost, outcome); break;
    case Algorithm::rate: charge_rate(window, word, now.ticks, cost, outcome); break;
    case Algorithm::fixed: charge_fixed(window, word, now, cost, outcome); break;
    case Algorithm::sliding: charge_sliding(window, word, previous, now, cost, outcome); break;
    }
}

std::uint64_t refund(const Window& window, std::uint64_t word, std::uint64_t charged, Ticks now,
                     std::uint64_t cost) noexcept
{
    switch (window.algorithm) {
    case Algorithm::rate: {
        const Ticks credit = time_of(cost * whole, window.rate_milli);
        return now <= charged && word > credit ? word - credit : word;
    }
    case Algorithm::gcra: {
        // Whole intervals lie between the two unless the cell was empty in between.
        const Ticks apart = word > charged ? word - charged : charged - word;
        const Ticks credit = cost * window.interval;
        return apart % window.interval == 0 && word > credit ? word - credit : word;
    }
    case Algorithm::fixed:
    case Algorithm::sliding:
        return whole_ms(word) == whole_ms(charged) ? word - std::min(cost, word & count_mask)
                                                   : word;
    }
    return word;
}

std::uint64_t sliding_salt(const Window& window, Now now) noexcept
{
    return window.salt | (utc_number(window, now) & 1);
}

}  // namespace gatehouse::limit
