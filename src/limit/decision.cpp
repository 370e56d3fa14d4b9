#include "src/limit/decision.h"

#include <algorithm>

#include "src/limit/cell_word.h"

namespace gatehouse::limit {

namespace {

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
    return {charge.now.ticks, charge.evict};
}

/// What the cell of the window before holds; only a sliding window has one.
std::uint64_t previous_word(const Charge& charge) noexcept
{
    if (charge.window->algorithm != Algorithm::sliding) {
        return 0;
    }
    const auto key = CellKey::of(charge.key, previous_salt(*charge.window, charge.now));
    return free_at(charge.zone->table().find(key).word);
}

bool refuse_full(Charge& charge, std::uint64_t least_word) noexcept
{
    const Ticks free = free_at(least_word);
    const Ticks soonest = charge.now.ticks + ticks_per_ms;
    charge.zone_full = true;
    charge.outcome = {.remaining = charge.window->amount,
                      .retry = std::max(free, soonest) - charge.now.ticks};
    return false;
}

/// Finds the cell, and what it says of the charge. Changes nothing.
bool look(Charge& charge) noexcept
{
    charge.found = charge.zone->table().find(charge.cell_key);
    charge.outcome = limit::charge(*charge.window, free_at(charge.found.word),
                                   previous_word(charge), charge.now, charge.cost);
    return charge.outcome.admitted;
}

/// Whether a cell can be had, which only a zone that may not evict can deny.
bool look_for_room(Charge& charge) noexcept
{
    if (charge.evict || charge.found.cell != nullptr) {
        return true;
    }
    return charge.zone->table().has_room(charge.cell_key, charge.now.ticks, expiry_of(charge)) ||
           refuse_full(charge, 0);
}

/// The rank of a cell that is charged once more.
Rank rank_after(std::uint64_t word, Ticks now) noexcept
{
    return rank_of(word) == Rank::limited && free_at(word) > now ? Rank::limited : Rank::known;
}

bool replace(const Charge& charge, std::uint64_t word) noexcept
{
    const auto tag = charge.cell_key.tag;
    return charge.found.cell->replace({tag, charge.found.word}, {tag, word});
}

/// A lost race leaves the mark to the next refusal.
void mark_limited(const Charge& charge) noexcept
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
    const auto claimed =
        charge.zone->table().claim(charge.cell_key, ranked(Rank::fresh, charge.outcome.word),
                                   charge.now.ticks, expiry_of(charge));
    switch (claimed.result) {
    case CellTable::Claim::installed: return Made::done;
    case CellTable::Claim::installed_evicting: charge.evicted_active = true; return Made::done;
    case CellTable::Claim::exists: return Made::exists;
    case CellTable::Claim::full: refuse_full(charge, claimed.evicted.word); return Made::full;
    }
    return Made::full;
}

/// Charges what look() has found. The cell is looked at again after every lost race, so that what
/// is charged is what was admitted.
bool commit(Charge& charge) noexcept
{
    while (charge.outcome.admitted) {
        if (charge.found.cell == nullptr) {
            const Made made = make_cell(charge);
            if (made != Made::exists) {
                return made == Made::done;
            }
        } else if (replace(charge, ranked(rank_after(charge.found.word, charge.now.ticks),
                                          charge.outcome.word))) {
            return true;
        }
        look(charge);
    }
    mark_limited(charge);
    return false;
}

}  // namespace

std::size_t peek(std::span<Charge> charges) noexcept
{
    for (auto& charge : charges) {
        charge.cell_key = CellKey::of(charge.key, cell_salt(*charge.window, charge.now));
        charge.zone->table().prefetch(charge.cell_key);
    }
    std::size_t refusing = npos;
    for (std::size_t i = 0; i < charges.size(); ++i) {
        const bool admitted = look(charges[i]) && look_for_room(charges[i]);
        if (!admitted && refusing == npos) {
            refusing = i;
        }
    }
    return refusing;
}

std::size_t decide(std::span<Charge> charges) noexcept
{
    if (const auto refusing = peek(charges); refusing != npos) {
        mark_limited(charges[refusing]);
        return refusing;
    }
    for (std::size_t i = 0; i < charges.size(); ++i) {
        if (!commit(charges[i])) {
            // Another worker has charged, or taken the room, since the look.
            for (std::size_t charged = 0; charged < i; ++charged) {
                take_back(charges[charged]);
            }
            return i;
        }
    }
    return npos;
}

void take_back(const Charge& charge, Ticks now) noexcept
{
    auto& table = charge.zone->table();
    const auto key = charge.cell_key;
    now = std::max(now, charge.now.ticks);
    for (auto found = table.find(key); found.cell != nullptr; found = table.find(key)) {
        const auto before = free_at(found.word);
        const auto after = refund(*charge.window, before, charge.outcome.word, now, charge.cost);
        if (after == before || found.cell->replace({key.tag, found.word},
                                                   {key.tag, ranked(rank_of(found.word), after)})) {
            return;
        }
    }
}

}  // namespace gatehouse::limit
