#include "src/limit/decision.h"

#include <algorithm>

#include "src/limit/cell_word.h"
#include "src/limit/gcra.h"

namespace gatehouse::limit {

namespace {

// A decision on keys that have their cells is a hundred instructions for each window. What that
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

[[gnu::noinline]] void charge_any(Charge& charge) noexcept
{
    limit::charge(*charge.window, free_at(charge.found.word), previous_word(charge), charge.now,
                  charge.cost, charge.outcome);
}

/// Finds the cell, and what it says of the charge. Changes nothing.
[[gnu::always_inline]] inline bool look(Charge& charge) noexcept
{
    const Window& window = *charge.window;
    charge.found = CellTable::find(charge.location);
    if (window.algorithm == Algorithm::gcra && charge.cost <= window.amount) [[likely]] {
        charge_gcra(window, free_at(charge.found.word), charge.now.ticks, charge.cost,
                    charge.outcome);
    } else {
        charge_any(charge);
    }
    return charge.outcome.admitted;
}

[[gnu::noinline]] bool refuse_full(Charge& charge, std::uint64_t least_word) noexcept
{
    const Ticks soonest = charge.now.ticks + ticks_per_ms;
    charge.zone_full = true;
    charge.outcome = {.remaining = charge.window->amount,
                      .retry = std::max(free_at(least_word), soonest) - charge.now.ticks};
    return false;
}

/// Whether a zone that may not evict has a cell for a new key.
[[gnu::noinline]] bool look_for_room(Charge& charge) noexcept
{
    return charge.zone->table().has_room(charge.location, charge.now.ticks, expiry_of(charge)) ||
           refuse_full(charge, 0);
}

bool replace(const Charge& charge, std::uint64_t word) noexcept
{
    const auto tag = charge.location.tag;
    return charge.found.cell->replace({tag, charge.found.word}, {tag, word});
}

/// Charges a cell that look() has found. False: it has changed since.
bool charge_cell(const Charge& charge) noexcept
{
    const bool limits = charge.found.word > ranked(Rank::limited, charge.now.ticks);
    return replace(charge, ranked(limits ? Rank::limited : Rank::known, charge.outcome.word));
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
    const auto claimed =
        charge.zone->table().claim(charge.location, ranked(Rank::fresh, charge.outcome.word),
                                   charge.now.ticks, expiry_of(charge));
    switch (claimed.result) {
    case CellTable::Claim::installed: return Made::done;
    case CellTable::Claim::installed_evicting: charge.evicted_active = true; return Made::done;
    case CellTable::Claim::exists: return Made::exists;
    case CellTable::Claim::full: refuse_full(charge, claimed.evicted.word); return Made::full;
    }
    return Made::full;
}

/// The cell is looked at again after every lost race, so that what is charged is what was admitted.
[[gnu::noinline]] bool commit_new_or_contended(Charge& charge) noexcept
{
    while (charge.outcome.admitted) {
        if (charge.found.cell == nullptr) {
            const Made made = make_cell(charge);
            if (made != Made::exists) {
                return made == Made::done;
            }
        } else if (charge_cell(charge)) {
            return true;
        }
        look(charge);
    }
    mark_limited(charge);
    return false;
}

bool commit(Charge& charge) noexcept
{
    return (charge.found.cell != nullptr && charge_cell(charge)) || commit_new_or_contended(charge);
}

[[gnu::noinline]] void take_back_all(std::span<const Charge> charges) noexcept
{
    for (const auto& charge : charges) {
        take_back(charge);
    }
}

[[gnu::always_inline]] inline std::size_t look_at_all(std::span<Charge> charges) noexcept
{
    for (auto& charge : charges) {
        const auto key = CellKey::of(charge.key, cell_salt(*charge.window, charge.now));
        charge.location = charge.zone->table().locate(key);
        CellTable::prefetch(charge.location);
    }
    std::size_t refusing = npos;
    for (auto& charge : charges) {
        const bool admitted = look(charge);
        const bool needs_room = charge.found.cell == nullptr && !charge.evict;
        if (!admitted || (needs_room && !look_for_room(charge))) [[unlikely]] {
            const auto number = static_cast<std::size_t>(&charge - charges.data());
            refusing = std::min(refusing, number);
        }
    }
    return refusing;
}

}  // namespace

std::size_t peek(std::span<Charge> charges) noexcept
{
    return look_at_all(charges);
}

std::size_t decide(std::span<Charge> charges) noexcept
{
    if (const auto refusing = look_at_all(charges); refusing != npos) [[unlikely]] {
        mark_limited(charges[refusing]);
        return refusing;
    }
    for (auto& charge : charges) {
        if (!commit(charge)) [[unlikely]] {
            // Another worker has charged, or taken the room, since the look.
            const auto number = static_cast<std::size_t>(&charge - charges.data());
            take_back_all(charges.first(number));
            return number;
        }
    }
    return npos;
}

void take_back(const Charge& charge, Ticks now) noexcept
{
    const auto& location = charge.location;
    now = std::max(now, charge.now.ticks);
    for (auto found = CellTable::find(location); found.cell != nullptr;
         found = CellTable::find(location)) {
        const auto before = free_at(found.word);
        const auto after = refund(*charge.window, before, charge.outcome.word, now, charge.cost);
        const CellValue held{location.tag, found.word};
        if (after == before ||
            found.cell->replace(held, {location.tag, ranked(rank_of(found.word), after)})) {
            return;
        }
    }
}

}  // namespace gatehouse::limit
