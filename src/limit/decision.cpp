#include "src/limit/decision.h"

#include <algorithm>

#include "src/limit/cell_word.h"
#include "src/limit/gcra.h"

namespace gatehouse::limit {

namespace {

// A decision on keys that have their cells is some sixty instructions for each window. What that
// path does not need is kept out of its functions by noinline.

struct Expiry {
    Ticks now;
    bool may_evict;

    bool is_free(std::size_t /*index*/, std::uint64_t word) const noexcept
    {
        return free_at(word) <= now;
    }
    bool evicts() const noexcept { return may_evict; }
};

Expiry expiry_of(const Charge& charge) noexcept
{
    return {charge.demand->now.ticks, charge.demand->evict};
}

const CellTable& table_of(const Charge& charge) noexcept
{
    return charge.demand->zone->table();
}

/// What the cell of the window before holds; only a sliding window has one.
std::uint64_t previous_word(const Charge& charge) noexcept
{
    if (charge.window->algorithm != Algorithm::sliding) {
        return 0;
    }
    const auto& demand = *charge.demand;
    const auto key = CellKey::of(demand.key, previous_salt(*charge.window, demand.now));
    return free_at(table_of(charge).find(key).word);
}

[[gnu::noinline]] bool refuse_full(Charge& charge, std::uint64_t least_word) noexcept
{
    charge.zone_full = true;
    charge.admitted = false;
    charge.word = free_at(least_word);
    return false;
}

/// Whether there is a cell for a new key. A zone that may evict always has one.
[[gnu::noinline]] bool has_room(Charge& charge) noexcept
{
    const auto& table = table_of(charge);
    return charge.demand->evict ||
           table.has_room(table.locate(charge.key), charge.demand->now.ticks, expiry_of(charge)) ||
           refuse_full(charge, 0);
}

/// See look().
[[gnu::noinline]] bool look_any(Charge& charge) noexcept
{
    const auto& demand = *charge.demand;
    charge.key = CellKey::of(demand.key, cell_salt(*charge.window, demand.now));
    charge.found = table_of(charge).find(charge.key);
    charge.previous_word = previous_word(charge);
    Outcome outcome;
    limit::charge(*charge.window, free_at(charge.found.word), charge.previous_word, demand.now,
                  demand.cost, outcome);
    charge.word = outcome.word;
    charge.excess_milli = outcome.excess_milli;
    charge.zone_full = false;
    charge.admitted = outcome.admitted;
    return outcome.admitted && (charge.found.cell != nullptr || has_room(charge));
}

/// Finds the cell, and whether it admits the charge. Changes nothing.
[[gnu::always_inline]] inline bool look(const Demand& demand, Charge& charge) noexcept
{
    const Window& window = *charge.window;
    if (window.algorithm != Algorithm::gcra || demand.cost > window.amount) [[unlikely]] {
        return look_any(charge);
    }
    // All else that the charge's outcome says is left to who asks for it.
    const auto key = CellKey::of(demand.key, window.salt);
    charge.key = key;
    const bool exists = demand.zone->table().find(key, charge.found);
    const Ticks now = demand.now.ticks;
    const Ticks wanted = gcra_ahead(window, free_at(charge.found.word), now, demand.cost);
    charge.word = now + wanted;
    charge.zone_full = false;
    if (wanted > window.tolerance) [[unlikely]] {
        charge.admitted = false;
        return false;
    }
    charge.admitted = true;
    return exists || has_room(charge);
}

/// The first window that refuses, or nullptr.
[[gnu::noinline]] const Charge* look_at(Demand& demand) noexcept
{
    const Charge* refusing = nullptr;
    Charge* charge = demand.charges;
    for (const auto& window : demand.windows) {
        charge->demand = &demand;
        charge->window = &window;
        if (!look(demand, *charge) && refusing == nullptr) [[unlikely]] {
            refusing = charge;
        }
        ++charge;
    }
    return refusing;
}

bool replace(const Charge& charge, std::uint64_t word) noexcept
{
    const auto tag = charge.key.tag;
    return charge.found.cell->replace({tag, charge.found.word}, {tag, word});
}

/// Charges a cell that look() has found. False: it has changed since.
[[gnu::always_inline]] inline bool charge_cell(const Charge& charge, Ticks now) noexcept
{
    const bool limits = charge.found.word > ranked(Rank::limited, now);
    return replace(charge, ranked(limits ? Rank::limited : Rank::known, charge.word));
}

/// A lost race leaves the mark to the next refusal.
[[gnu::noinline]] void mark_limited(const Charge& charge) noexcept
{
    const auto word = charge.found.word;
    if (charge.found.cell != nullptr && rank_of(word) != Rank::limited) {
        replace(charge, ranked(Rank::limited, free_at(word)));
    }
}

enum class Made { done, full, exists };

/// Makes a cell for a key that look() found none of. `exists`: another worker has made it since.
Made make_cell(Charge& charge) noexcept
{
    const auto claimed = charge.demand->zone->table().claim(
        charge.key, ranked(Rank::fresh, charge.word), charge.demand->now.ticks, expiry_of(charge));
    switch (claimed.result) {
    case CellTable::Claim::installed: return Made::done;
    case CellTable::Claim::installed_evicting: ++charge.demand->evicted; return Made::done;
    case CellTable::Claim::exists: return Made::exists;
    case CellTable::Claim::full: refuse_full(charge, claimed.evicted.word); return Made::full;
    }
    return Made::full;
}

/// The cell is looked at again after every lost race, so that what is charged is what was admitted.
[[gnu::noinline]] bool commit_new_or_contended(Charge& charge) noexcept
{
    while (charge.admitted) {
        if (charge.found.cell == nullptr) {
            const Made made = make_cell(charge);
            if (made != Made::exists) {
                return made == Made::done;
            }
        } else if (charge_cell(charge, charge.demand->now.ticks)) {
            return true;
        }
        look_any(charge);
    }
    mark_limited(charge);
    return false;
}

bool commit(Charge& charge, Ticks now) noexcept
{
    return (charge.found.cell != nullptr && charge_cell(charge, now)) ||
           commit_new_or_contended(charge);
}

/// The first charge that another worker has made impossible since the look, or nullptr.
[[gnu::noinline]] const Charge* commit_all(const Demand& demand) noexcept
{
    const Ticks now = demand.now.ticks;
    for (auto& charge : demand.all_charges()) {
        if (!commit(charge, now)) [[unlikely]] {
            return &charge;
        }
    }
    return nullptr;
}

/// Of the charges that have been made before `end`.
[[gnu::noinline]] void take_back_until(std::span<Demand> demands, const Charge* end) noexcept
{
    for (auto& demand : demands) {
        for (const auto& charge : demand.all_charges()) {
            if (&charge == end) {
                return;
            }
            take_back(charge);
        }
    }
}

[[gnu::always_inline]] inline const Charge* look_at_all(std::span<Demand> demands) noexcept
{
    const Charge* refusing = nullptr;
    for (auto& demand : demands) {
        const auto* refuses = look_at(demand);
        refusing = refusing == nullptr ? refuses : refusing;
    }
    return refusing;
}

}  // namespace

Outcome Charge::any_outcome() const noexcept
{
    const auto now = demand->now;
    if (zone_full) {
        const Ticks soonest = now.ticks + ticks_per_ms;
        return {.remaining = window->amount, .retry = std::max(word, soonest) - now.ticks};
    }
    return charge(*window, free_at(found.word), previous_word, now, demand->cost);
}

const Charge* peek(std::span<Demand> demands) noexcept
{
    return look_at_all(demands);
}

const Charge* decide(std::span<Demand> demands) noexcept
{
    if (const auto* refusing = look_at_all(demands); refusing != nullptr) [[unlikely]] {
        mark_limited(*refusing);
        return refusing;
    }
    for (const auto& demand : demands) {
        if (const auto* refusing = commit_all(demand); refusing != nullptr) [[unlikely]] {
            take_back_until(demands, refusing);
            return refusing;
        }
    }
    return nullptr;
}

void charge_each(Demand& demand) noexcept
{
    look_at(demand);
    for (auto& charge : demand.all_charges()) {
        if (charge.admitted) {
            commit(charge, demand.now.ticks);
        } else {
            mark_limited(charge);
        }
    }
}

void take_back(const Charge& charge, Ticks now) noexcept
{
    const auto location = table_of(charge).locate(charge.key);
    now = std::max(now, charge.demand->now.ticks);
    for (auto found = CellTable::find(location); found.cell != nullptr;
         found = CellTable::find(location)) {
        const auto before = free_at(found.word);
        const auto after = refund(*charge.window, before, charge.word, now, charge.demand->cost);
        const CellValue held{location.tag, found.word};
        if (after == before ||
            found.cell->replace(held, {location.tag, ranked(rank_of(found.word), after)})) {
            return;
        }
    }
}

}  // namespace gatehouse::limit
