#include "src/telemetry/series.h"

#include "src/base/crash_point.h"

namespace gatehouse::telemetry {

std::optional<std::uint16_t> add_series(Word* cells, Word& used, std::uint64_t key) noexcept
{
    if (const auto known = find_series(cells, key)) {
        return known;
    }
    if (used.load(std::memory_order_relaxed) >= counter_capacity) {
        return std::nullopt;
    }
    const auto index = used.fetch_add(1, std::memory_order_relaxed);
    if (index >= counter_capacity) {
        return std::nullopt;
    }
    crash_point();
    for (unsigned i = 0, at = series_home(key); i < longest_probe; ++i) {
        auto& cell = cells[(at + i) % series_cells];
        std::uint64_t seen = 0;
        if (cell.compare_exchange_strong(seen, key << 16 | (index + 1),
                                         std::memory_order_relaxed)) {
            return static_cast<std::uint16_t>(index);
        }
        if (seen >> 16 == key) {  // somebody else was faster
            return static_cast<std::uint16_t>((seen & 0xffff) - 1);
        }
    }
    return std::nullopt;
}

}  // namespace gatehouse::telemetry
