#include "src/base/cell_table.h"

#include <unistd.h>

#include <atomic>

namespace gatehouse {

namespace {

// A process that has not finished an insertion for so long is dead or stopped.
constexpr std::uint64_t stale_after_ms = 1000;

constexpr int nonce_bits = 22;

}  // namespace

CellKey CellKey::of(const Hash128& hash, std::uint64_t salt) noexcept
{
    const std::uint64_t tag = hash.low ^ salt;
    // Double hashing: the cells of one key's windows fill independent buckets.
    return {tag != 0 ? tag : 1, hash.high + salt * (hash.low | 1)};
}

CellTable::Found CellTable::find(const CellKey& key) const noexcept
{
    const Buckets buckets = buckets_of(key);
    for (Cell* const bucket : {buckets.first, buckets.second}) {
        for (std::size_t i = 0; i < bucket_size; ++i) {
            Cell& cell = bucket[i];
            if (cell.tag() != key.tag) {
                continue;
            }
            const auto word = cell.word();
            // The tag again: between the reads the cell may have become another key's.
            if (cell.tag() == key.tag && !is_tentative(word)) {
                return {&cell, word};
            }
        }
    }
    return {};
}

void CellTable::prefetch(const CellKey& key) const noexcept
{
    constexpr std::size_t line = 64 / sizeof(Cell);
    const Buckets buckets = buckets_of(key);
    for (Cell* const bucket : {buckets.first, buckets.second}) {
        __builtin_prefetch(bucket, 1);
        __builtin_prefetch(bucket + line, 1);
    }
}

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
CellTable::Resolved CellTable::resolve(const CellKey& key, Cell* cell, std::uint64_t tentative,
                                       std::uint64_t word) noexcept
{
    const auto give_up = [&] { cell->replace({key.tag, tentative}, {no_tag, 0}); };
    const Buckets buckets = buckets_of(key);
    bool is_later = false;  // than `cell` in the order of the search
    for (Cell* const bucket : {buckets.first, buckets.second}) {
        for (Cell* other = bucket; other != bucket + bucket_size; ++other) {
            if (other == cell) {
                is_later = true;
                continue;
            }
            const CellValue held{other->tag(), other->word()};
            if (held.tag != key.tag || other->tag() != key.tag) {
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
    if (cell->replace({key.tag, tentative}, {key.tag, word})) {
        return {Outcome::promoted, cell};
    }
    return {Outcome::again, nullptr};
}

}  // namespace gatehouse
