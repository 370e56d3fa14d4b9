// A hash table of cells in shared memory that many processes change at once, without a lock.
//
// A key's cell lies in one of two buckets of eight cells, two cache lines side by side, which its
// hash chooses, one in each half of the table; a new one goes to the bucket that has more room, of
// equals to the left one (Vöcking: "How asymmetry helps load balancing", 1999). So three quarters
// of the cells can be in use before one key in 100,000 finds no room.
//
// Invariants:
// - At most one cell of a key is live. A new cell is tentative until a search after its making has
//   shown no other one of its key; of two tentative ones the earlier in the search stays. Whoever
//   meets a tentative cell finishes its insertion, so that a process killed there holds up nobody.
// - Every step is one compare-and-swap of tag and word together: a change meant for one key never
//   reaches a cell that has become another's.
//
// Thread safety: all members, between processes too. `now` is a time in ticks; its source must be
// the same for all users of a table, small differences do no harm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/base/cell.h"
#include "src/base/siphash.h"
#include "src/base/ticks.h"

namespace gatehouse {

/// What stands for a key in a table: the tag of its cell, which also says in which buckets that is.
struct CellKey {
    std::uint64_t tag;

    /// `hash` is keyed. `salt` tells the cells of one key apart, such as those of several windows.
    static CellKey of(std::uint64_t hash, std::uint64_t salt) noexcept
    {
        const std::uint64_t tag = hash ^ salt;
        return {tag != 0 ? tag : 1};
    }
    static CellKey of(const Hash128& hash, std::uint64_t salt) noexcept
    {
        return of(hash.low, salt);
    }
};

class CellTable {
public:
    static constexpr std::size_t bucket_size = 8;

    /// Bit 63 is the mark of a tentative cell, so no word of a live one has it.
    static constexpr std::uint64_t largest_word = (std::uint64_t{1} << 63) - 1;

    CellTable() = default;

    /// REQUIRES: at least two buckets of cells, less than 2^32, and no part of one; all zero when
    /// first used; aligned to 128 bytes.
    explicit CellTable(std::span<Cell> cells) noexcept
        : cells_(cells.data()),
          left_(cells.size() / bucket_size / 2),
          right_(cells.size() / bucket_size - left_)
    {
    }

    /// A key's cell lies in one of these buckets, if it has one; searched in this order.
    struct Location {
        std::uint64_t tag;
        Cell* first;
        Cell* second;
    };

    Location locate(const CellKey& key) const noexcept
    {
        return {key.tag, first_bucket(key), second_bucket(key)};
    }

    struct Found {
        Cell* cell = nullptr;  ///< nullptr: the key has no live cell
        std::uint64_t word = 0;
    };

    static Found find(const Location& location) noexcept;
    Found find(const CellKey& key) const noexcept { return find(locate(key)); }

    /// False: the key has no live cell, and `found` is empty.
    bool find(const CellKey& key, Found& found) const noexcept;

    /// Starts to load the buckets into the cache.
    static void prefetch(const Location& location) noexcept;

    enum class Claim {
        installed,           ///< the cell is new and holds the word that was given
        installed_evicting,  ///< so, in place of a cell that was not free
        exists,              ///< the key has a live cell already
        full,                ///< no cell may be taken, or too many others insert at this place
    };

    struct Claimed {
        Claim result;
        Cell* cell;
        CellValue evicted;  ///< of installed_evicting; of full, the least one, which stays
    };

    /// Finds the key's cell or makes one that holds `word`.
    ///
    /// `Policy` says which cells may be taken:
    ///   bool is_free(std::size_t index, std::uint64_t word) const  — it holds nothing any more
    ///   bool evicts() const — when none is free, the one with the least word may be taken
    template <class Policy>
    Claimed claim(const Location& location, std::uint64_t word, Ticks now,
                  const Policy& policy) noexcept;

    template <class Policy>
    Claimed claim(const CellKey& key, std::uint64_t word, Ticks now, const Policy& policy) noexcept
    {
        return claim(locate(key), word, now, policy);
    }

    /// Whether claim() would find the key's cell or one to take. Changes nothing.
    template <class Policy>
    bool has_room(const Location& location, Ticks now, const Policy& policy) const noexcept
    {
        const Place place = look(location, now, policy);
        return place.own != nullptr || may_take(place, policy);
    }

    std::span<Cell> cells() const noexcept { return {cells_, (left_ + right_) * bucket_size}; }
    std::size_t index_of(const Cell* cell) const noexcept
    {
        return static_cast<std::size_t>(cell - cells_);
    }

    static bool is_tentative(std::uint64_t word) noexcept { return word > largest_word; }

private:
    static constexpr std::uint64_t no_tag = 0;
    static constexpr int most_attempts = 64;

    /// What a search for a place has seen.
    struct Place {
        Cell* own = nullptr;    ///< the key's cell, tentative or live; then nothing else counts
        Cell* taken = nullptr;  ///< the cell to take
        CellValue held;         ///< by `own` or `taken`
        bool free = false;      ///< `taken` is free, not the one with the least word
    };

    // One half of the tag for each bucket, scaled to half of the table (Lemire: "Fast random
    // integer generation in an interval", 2019).
    Cell* first_bucket(const CellKey& key) const noexcept
    {
        return cells_ + ((key.tag >> 32) * left_ >> 32) * bucket_size;
    }
    Cell* second_bucket(const CellKey& key) const noexcept
    {
        return cells_ + (left_ + ((key.tag & 0xffffffff) * right_ >> 32)) * bucket_size;
    }

    template <class Policy>
    Place look(const Location& location, Ticks now, const Policy& policy) const noexcept;

    template <class Policy>
    static bool may_take(const Place& place, const Policy& policy) noexcept
    {
        return place.free || (policy.evicts() && !is_tentative(place.held.word));
    }

    static bool find_in(Cell* bucket, std::uint64_t tag, Found& found) noexcept;
    bool find_in_second(const CellKey& key, Found& found) const noexcept;

    enum class Outcome { promoted, exists, again };
    struct Resolved {
        Outcome outcome;
        Cell* cell;
    };
    static Resolved resolve(const Location& location, Cell* cell, std::uint64_t tentative,
                            std::uint64_t word) noexcept;

    static std::uint64_t tentative_word(Ticks now) noexcept;
    static bool is_stale(std::uint64_t tentative, Ticks now) noexcept;

    Cell* cells_ = nullptr;
    std::size_t left_ = 0;  ///< buckets in each half
    std::size_t right_ = 0;
};

[[gnu::always_inline]] inline bool CellTable::find_in(Cell* bucket, std::uint64_t tag,
                                                      Found& found) noexcept
{
#pragma GCC unroll 8
    for (std::size_t i = 0; i < bucket_size; ++i) {
        Cell& cell = bucket[i];
        if (cell.tag() != tag) [[likely]] {
            continue;
        }
        const auto word = cell.word();
        // The tag again: between the reads the cell may have become another key's.
        if (cell.tag() == tag && !is_tentative(word)) [[likely]] {
            found = {&cell, word};
            return true;
        }
    }
    return false;
}

inline CellTable::Found CellTable::find(const Location& location) noexcept
{
    Found found;
    find_in(location.first, location.tag, found) || find_in(location.second, location.tag, found);
    return found;
}

[[gnu::always_inline]] inline bool CellTable::find(const CellKey& key, Found& found) const noexcept
{
    return find_in(first_bucket(key), key.tag, found) || find_in_second(key, found);
}

[[gnu::noinline]] inline bool CellTable::find_in_second(const CellKey& key,
                                                        Found& found) const noexcept
{
    found = {};
    return find_in(second_bucket(key), key.tag, found);
}

inline void CellTable::prefetch(const Location& location) noexcept
{
    // A bucket is two lines side by side: processors fetch the other one by themselves.
    __builtin_prefetch(location.first, 1);
    __builtin_prefetch(location.second, 1);
}

template <class Policy>
CellTable::Place CellTable::look(const Location& location, Ticks now,
                                 const Policy& policy) const noexcept
{
    Place least;
    Place roomiest;
    int most_room = 0;
    for (Cell* const bucket : {location.first, location.second}) {
        Place place;
        int room = 0;
        for (Cell* cell = bucket; cell != bucket + bucket_size; ++cell) {
            const CellValue held{cell->tag(), cell->word()};
            if (held.tag == location.tag) {
                return {.own = cell, .held = held};
            }
            const bool free = held.tag == no_tag ||
                              (is_tentative(held.word) ? is_stale(held.word, now)
                                                       : policy.is_free(index_of(cell), held.word));
            if (free && room++ == 0) {
                place = {.taken = cell, .held = held, .free = true};
            }
            if (least.taken == nullptr || held.word < least.held.word) {
                least = {.taken = cell, .held = held};
            }
        }
        if (room > most_room) {
            most_room = room;
            roomiest = place;
        }
    }
    return most_room > 0 ? roomiest : least;
}

template <class Policy>
CellTable::Claimed CellTable::claim(const Location& location, std::uint64_t word, Ticks now,
                                    const Policy& policy) noexcept
{
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const Place place = look(location, now, policy);
        Cell* cell = place.own;
        std::uint64_t tentative = place.held.word;
        if (cell == nullptr) {
            if (!may_take(place, policy)) {
                return {Claim::full, nullptr, place.held};
            }
            cell = place.taken;
            tentative = tentative_word(now);
            if (!cell->replace(place.held, {location.tag, tentative})) {
                continue;
            }
        } else if (!is_tentative(tentative)) {
            return {Claim::exists, cell, {}};
        }
        const Resolved resolved = resolve(location, cell, tentative, word);
        if (resolved.outcome == Outcome::exists) {
            return {Claim::exists, resolved.cell, {}};
        }
        if (resolved.outcome == Outcome::promoted) {
            const bool evicting = place.own == nullptr && !place.free;
            return {evicting ? Claim::installed_evicting : Claim::installed, cell, place.held};
        }
    }
    return {Claim::full, nullptr, {}};
}

}  // namespace gatehouse
