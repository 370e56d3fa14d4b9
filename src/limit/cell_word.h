// The word of a cell in a limit's table.
//
//   63 62 61 60                                                                    0
//   | t |rank| the time at which the cell holds nothing any more, see window.h     |
//
// t is the table's own mark of a tentative cell. Words compare by rank first: where a full bucket
// has to give up a cell, it is that of a key seen once, and among equals the one free soonest. So a
// flood of new keys pushes out its own cells, not those of a key that is being limited.
#pragma once

#include <cstdint>

#include "src/base/ticks.h"

namespace gatehouse::limit {

enum class Rank : std::uint8_t {
    fresh,    ///< one request made the cell
    known,    ///< charged again since
    limited,  ///< has refused a request since it last held nothing
};

inline constexpr int rank_shift = 61;

constexpr Ticks free_at(std::uint64_t word) noexcept
{
    return word & ((std::uint64_t{1} << rank_shift) - 1);
}

constexpr Rank rank_of(std::uint64_t word) noexcept
{
    return static_cast<Rank>(word >> rank_shift & 3);
}

constexpr std::uint64_t ranked(Rank rank, Ticks free_at) noexcept
{
    return static_cast<std::uint64_t>(rank) << rank_shift | free_at;
}

}  // namespace gatehouse::limit
