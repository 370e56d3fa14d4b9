#include "src/conn/cap_table.h"

namespace gatehouse::conn {

void CapTable::use_slot(unsigned slot) noexcept
{
    auto used = slots_used_->load(std::memory_order_relaxed);
    while (used <= slot && !slots_used_->compare_exchange_weak(used, slot + 1)) {
    }
}

bool CapTable::is_idle(std::size_t index) const noexcept
{
    const Counter* const counters = row(index);
    const unsigned used = slots_used();
    for (unsigned slot = 0; slot < used; ++slot) {
        if (!CounterValue{counters[slot].load(std::memory_order_acquire)}.idle()) {
            return false;
        }
    }
    return true;
}

std::uint64_t CapTable::held(const CellKey& key) const noexcept
{
    const auto found = cells_.find(key);
    return found.cell == nullptr ? 0 : sum(row_of(found.cell), NoStep{});
}

std::uint64_t CapTable::held() const noexcept
{
    std::uint64_t total = 0;
    for (const Cell& cell : cells_.cells()) {
        total += cell.tag() == 0 ? 0 : sum(row_of(&cell), NoStep{});
    }
    return total;
}

void CapTable::reap(unsigned slot) noexcept
{
    if (slot >= slots_used()) {
        return;
    }
    // All rows: the cell of a marked counter may have gone to nobody meanwhile.
    const auto cells = cells_.cells();
    for (std::size_t index = 0; index < cells.size(); ++index) {
        auto& counter = row(index)[slot];
        const CounterValue value{counter.load(std::memory_order_acquire)};
        if (!value.idle()) {
            crash_point();
            counter.store(value.emptied().bits(), std::memory_order_release);
        }
    }
}

}  // namespace gatehouse::conn
