#include "src/base/cell_table.h"

#include <unistd.h>

#include <atomic>

namespace gatehouse {

namespace {

// A process that has not finished an insertion for so long is dead or stopped.
constexpr std::uint64_t stale_after_ms = 1000;

constexpr int nonce_bits = 22;

}  // namespace

/// Unlike any other tentative word of the last second, in every process: a step that was meant for
/// an earlier one must fail.
std::uint64_t CellTable::tentative_word(Ticks now) noexcept
{
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
    static std::atomic<std::uint64_t> counter{static_cast<std::uint64_t>(::getpid()) * odd << 1};
    const auto nonce = counter.fetch_add(odd, std::memory_order_relaxed);
    return ~largest_word | (whole_ms(now) << nonce_bits & largest_word) |
           nonce >> (64 - nonce_bits);
}

bool CellTable::is_stale(std::uint64_t tentative, Ticks now) noexcept
{
    const auto made_ms = (tentative & largest_word) >> nonce_bits;
    return whole_ms(now) > made_ms + stale_after_ms;
}

/// Ends the insertion that made `cell` tentative, whoever began it.
CellTable::Resolved CellTable::resolve(const Location& location, Cell* cell,
                                       std::uint64_t tentative, std::uint64_t word) noexcept
{
    const auto give_up = [&] { cell->replace({location.tag, tentative}, {no_tag, 0}); };
    bool is_later = false;  // than `cell` in the order of the search
    for (Cell* const bucket : {location.first, location.second}) {
        for (Cell* other = bucket; other != bucket + bucket_size; ++other) {
            if (other == cell) {
                is_later = true;
                continue;
            }
            const CellValue held{other->tag(), other->word()};
            if (held.tag != location.tag || other->tag() != location.tag) {
                continue;
            }
            if (!is_tentative(held.word)) {
                give_up();
                return {Outcome::exists, other};
            }
            if (!is_later) {
                give_up();
                return {Outcome::again, nullptr};
            }
            if (!other->replace(held, {no_tag, 0})) {
                return {Outcome::again, nullptr};
            }
        }
    }
    if (cell->replace({location.tag, tentative}, {location.tag, word})) {
        return {Outcome::promoted, cell};
    }
    return {Outcome::again, nullptr};
}

}  // namespace gatehouse
