// One verdict over all limits of a request: every window of every limit admits it, or nothing is
// charged.
//
// A refusal marks the cell that refuses, once, so that a full table keeps it (see cell_word.h); all
// else is left as it was.
//
// Thread safety: all functions, between processes too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/limit/window.h"
#include "src/limit/zone.h"

namespace gatehouse::limit {

/// One window of one limit, for one request.
struct Charge {
    Zone* zone = nullptr;
    const Window* window = nullptr;
    std::uint64_t key = 0;  ///< its hash by the zone
    std::uint64_t cost = 1;
    bool evict = true;  ///< a full zone may give up a cell that still limits somebody
    Now now;

    // Set by decide().
    Outcome outcome{};
    bool evicted_active = false;
    bool zone_full = false;  ///< refused because the zone has no room and may not evict

    // Where the cell is, which is looked for once.
    CellTable::Location location{};
    CellTable::Found found{};
};

/// The number of the charge that refuses, or npos. Each charge's outcome says how it stands: after
/// this request where it was admitted, untouched where it was refused.
std::size_t decide(std::span<Charge> charges) noexcept;

/// As decide(), but nothing is charged whatever the verdict.
std::size_t peek(std::span<Charge> charges) noexcept;

inline constexpr std::size_t npos = static_cast<std::size_t>(-1);

/// Takes a charge back that decide() made. `now`: when, in ticks; 0 if no time has passed since.
void take_back(const Charge& charge, Ticks now = 0) noexcept;

}  // namespace gatehouse::limit
