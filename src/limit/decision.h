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

#include "src/limit/gcra.h"
#include "src/limit/window.h"
#include "src/limit/zone.h"

namespace gatehouse::limit {

struct Charge;

/// What a request wants of one limit: to be charged in each of its windows.
struct Demand {
    Zone* zone;
    std::span<const Window> windows;
    Charge* charges;    ///< room for one for each window; written by decide()
    std::uint64_t key;  ///< its hash by the zone
    std::uint64_t cost = 1;
    Now now;
    bool evict = true;  ///< a full zone may give up a cell that still limits somebody

    /// How many such cells decide() has taken from others.
    unsigned evicted = 0;

    std::span<Charge> all_charges() const noexcept;
};

/// A demand in one window, as decide() has found it. Nothing is set before.
struct Charge {
    Demand* demand;
    const Window* window;
    CellKey key;                  ///< what stands for key and window in the zone's table
    CellTable::Found found;       ///< the cell before the charge
    std::uint64_t word;           ///< of the cell after the charge; of a full zone, of the cell
                                  ///< that is free soonest
    std::uint64_t previous_word;  ///< of a sliding window's other cell
    std::uint64_t excess_milli;   ///< of a rate, see Outcome
    bool admitted;
    bool zone_full;  ///< refused because the zone has no room and may not evict

    /// How the window stands: after this request where it was admitted, untouched where it was
    /// refused.
    Outcome outcome() const noexcept
    {
        if (admitted && window->algorithm == Algorithm::gcra) [[likely]] {
            return admitted_by_gcra(*window, word - demand->now.ticks, word);
        }
        return any_outcome();
    }

private:
    Outcome any_outcome() const noexcept;
};

inline std::span<Charge> Demand::all_charges() const noexcept
{
    return {charges, windows.size()};
}

/// Charges all windows of all demands, or if one refuses, none; returns that one, or nullptr. Each
/// charge is then admitted or refused for itself.
const Charge* decide(std::span<Demand> demands) noexcept;

/// As decide(), but nothing is charged whatever the verdict.
const Charge* peek(std::span<Demand> demands) noexcept;

/// Charges each window for itself, also where another one refuses.
void charge_each(Demand& demand) noexcept;

/// Takes a charge back that decide() made. `now`: when, in ticks; 0 if no time has passed since.
void take_back(const Charge& charge, Ticks now = 0) noexcept;

}  // namespace gatehouse::limit
