#include "src/limit/decision.h"

namespace gatehouse::limit {

namespace {

CellKey cell_key(const Charge& charge) noexcept
{
    return CellKey::of(charge.key, cell_salt(*charge.window, charge.now));
}

/// What the cell of the window before holds; only a sliding window has one.
std::uint64_t previous_word(const Charge& charge) noexcept
{
    if (charge.window->algorithm != Algorithm::sliding) {
        return 0;
    }
    const auto key = CellKey::of(charge.key, previous_salt(*charge.window, charge.now));
    return charge.zone->table().find(key).word;
}

struct Expiry {
    Ticks now;
    bool may_evict;

    bool is_free(std::size_t /*index*/, std::uint64_t word) const noexcept { return word <= now; }
    bool evicts() const noexcept { return may_evict; }
};

/// Charges one window. The cell is looked at again after every lost race, so that what is charged
/// is what was admitted.
bool commit(Charge& charge) noexcept
{
    auto& table = charge.zone->table();
    const auto key = cell_key(charge);
    const auto previous = previous_word(charge);
    auto found = table.find(key);
    while (true) {
        charge.outcome =
            limit::charge(*charge.window, found.word, previous, charge.now, charge.cost);
        if (!charge.outcome.admitted) {
            return false;
        }
        if (found.cell == nullptr) {
            const auto claimed = table.claim(key, charge.outcome.word, charge.now.ticks,
                                             Expiry{charge.now.ticks, charge.evict});
            switch (claimed.result) {
            case CellTable::Claim::installed_evicting: charge.evicted_active = true; return true;
            case CellTable::Claim::installed: return true;
            case CellTable::Claim::full: charge.zone_full = true; return false;
            case CellTable::Claim::exists: break;
            }
        } else if (found.cell->replace({key.tag, found.word}, {key.tag, charge.outcome.word})) {
            return true;
        }
        found = table.find(key);
    }
}

/// Whether the charge would be admitted. Changes nothing.
bool look(Charge& charge) noexcept
{
    const auto found = charge.zone->table().find(cell_key(charge));
    charge.outcome =
        limit::charge(*charge.window, found.word, previous_word(charge), charge.now, charge.cost);
    return charge.outcome.admitted;
}

}  // namespace

std::size_t peek(std::span<Charge> charges) noexcept
{
    for (const auto& charge : charges) {
        charge.zone->table().prefetch(cell_key(charge));
    }
    std::size_t refusing = npos;
    for (std::size_t i = 0; i < charges.size(); ++i) {
        if (!look(charges[i]) && refusing == npos) {
            refusing = i;
        }
    }
    return refusing;
}

std::size_t decide(std::span<Charge> charges) noexcept
{
    if (charges.size() != 1) {
        if (const auto refusing = peek(charges); refusing != npos) {
            return refusing;
        }
    }
    for (std::size_t i = 0; i < charges.size(); ++i) {
        if (!commit(charges[i])) {
            // Only a race with another worker leads here with i > 0, or a full zone.
            for (std::size_t charged = 0; charged < i; ++charged) {
                take_back(charges[charged]);
            }
            return i;
        }
    }
    return npos;
}

void take_back(const Charge& charge) noexcept
{
    auto& table = charge.zone->table();
    const auto key = cell_key(charge);
    for (auto found = table.find(key); found.cell != nullptr; found = table.find(key)) {
        const auto word = refund(*charge.window, found.word, charge.now, charge.cost);
        if (found.cell->replace({key.tag, found.word}, {key.tag, word})) {
            return;
        }
    }
}

}  // namespace gatehouse::limit
