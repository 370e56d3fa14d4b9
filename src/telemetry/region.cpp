#include "src/telemetry/region.h"

#include "src/telemetry/names.h"

namespace gatehouse::telemetry {

Result<Region> Region::create(unsigned slot_count, std::int64_t now_ms)
{
    auto memory = SharedMemory::create("gatehouse-telemetry", region_size(slot_count));
    if (!memory) {
        return Error{"telemetry: " + memory.error().message};
    }
    Region region{std::move(*memory)};
    auto& header = region.header();
    header.magic = region_magic;
    header.version = region_version;
    header.slot_count = slot_count;
    header.total_size = region_size(slot_count);
    header.started_at_ms = now_ms;
    header.series_used = 1;  // index 0 is nobody's
    for (const auto kind :
         {NameKind::endpoint, NameKind::limit_zone, NameKind::cap_zone, NameKind::card}) {
        (void)region.intern(kind, other_name);  // at index 0
    }
    return region;
}

std::optional<std::uint16_t> Region::intern(NameKind kind, std::string_view name) noexcept
{
    const auto index = telemetry::intern(at<Word>(names_offset), {at<char>(heap_offset), heap_size},
                                         header().heap_used, kind, name);
    if (!index) {
        header().dropped.fetch_add(1, std::memory_order_relaxed);
    }
    return index;
}

std::optional<std::uint16_t> Region::add_series(SeriesKey key) noexcept
{
    const auto index =
        telemetry::add_series(at<Word>(series_offset), header().series_used, key.packed());
    if (!index) {
        header().dropped.fetch_add(1, std::memory_order_relaxed);
    }
    return index;
}

Column& Region::open_column(unsigned slot) noexcept
{
    at<Mark>(marks_offset)[slot].store(1, std::memory_order_release);
    return column(slot);
}

void Region::clear_gauges(unsigned slot) noexcept
{
    if (at<Mark>(marks_offset)[slot].load(std::memory_order_acquire) != 0) {
        for (auto& gauge : column(slot).gauges) {
            gauge.store(0, std::memory_order_relaxed);
        }
    }
}

}  // namespace gatehouse::telemetry
