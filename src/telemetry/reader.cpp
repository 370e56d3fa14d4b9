#include "src/telemetry/reader.h"

#include <algorithm>
#include <string>

#include "src/telemetry/names.h"
#include "src/telemetry/ring.h"

namespace gatehouse::telemetry {

Result<Reader> Reader::open(std::span<const std::byte> bytes)
{
    if (bytes.size() < columns_offset) {
        return Error{"telemetry: too small to be a region"};
    }
    const auto& header = *reinterpret_cast<const RegionHeader*>(bytes.data());
    if (header.magic != region_magic) {
        return Error{"telemetry: this is no telemetry region"};
    }
    if (header.version != region_version) {
        return Error{"telemetry: the region has version " + std::to_string(header.version) +
                     ", this program reads version " + std::to_string(region_version)};
    }
    // Each number is read once: a hostile writer could change it in between.
    const std::uint32_t slots = header.slot_count;
    if (slots == 0 || slots > slot_capacity || bytes.size() < region_size(slots)) {
        return Error{"telemetry: the region is smaller than it says"};
    }
    Reader reader{bytes.first(region_size(slots))};
    const auto* marks = reader.at<Mark>(marks_offset);
    for (unsigned slot = 0; slot < slots; ++slot) {
        if (marks[slot].load(std::memory_order_acquire) != 0) {
            reader.columns_.push_back(reader.at<Column>(columns_offset + slot * sizeof(Column)));
        }
    }
    return reader;
}

Reader::Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

std::optional<std::string_view> Reader::name(NameKind kind, unsigned index) const noexcept
{
    return name_at(at<Word>(names_offset), {at<char>(heap_offset), heap_size}, kind, index);
}

unsigned Reader::names(NameKind kind) const noexcept
{
    unsigned count = 0;
    while (name(kind, count)) {
        ++count;
    }
    return count;
}

std::vector<Reader::Total> Reader::totals() const
{
    std::vector<std::pair<std::uint64_t, std::uint64_t>> found;  // packed key, index
    const auto* cells = at<Word>(series_offset);
    for (unsigned i = 0; i < series_cells; ++i) {
        const auto cell = cells[i].load(std::memory_order_relaxed);
        const auto index = (cell & 0xffff) - 1;
        if (cell != 0 && index < counter_capacity) {
            found.emplace_back(cell >> 16, index);
        }
    }
    std::sort(found.begin(), found.end());
    std::vector<Total> totals;
    totals.reserve(found.size());
    for (const auto& [key, index] : found) {
        std::uint64_t sum = 0;
        for (const auto* column : columns_) {
            sum += column->counters[index].load(std::memory_order_relaxed);
        }
        totals.push_back({SeriesKey::unpack(key), sum});
    }
    return totals;
}

HistogramTotal Reader::histogram(unsigned endpoint) const noexcept
{
    HistogramTotal total;
    if (endpoint >= endpoint_capacity) {
        return total;
    }
    for (const auto* column : columns_) {
        const auto& histogram = column->histograms[endpoint];
        for (unsigned i = 0; i < bucket_count; ++i) {
            total.buckets[i] += histogram.buckets[i].load(std::memory_order_relaxed);
        }
        total.sum_ns += histogram.sum_ns.load(std::memory_order_relaxed);
        const auto least = histogram.min_ns.load(std::memory_order_relaxed);
        total.min_ns =
            total.min_ns == 0 || (least != 0 && least < total.min_ns) ? least : total.min_ns;
        total.max_ns =
            std::max(total.max_ns, std::uint64_t{histogram.max_ns.load(std::memory_order_relaxed)});
    }
    return total;
}

std::int64_t Reader::gauge(unsigned index) const noexcept
{
    std::uint64_t sum = 0;  // unsigned: a damaged region must not overflow
    for (const auto* column : columns_) {
        sum += static_cast<std::uint64_t>(
            column->gauges[index % gauge_capacity].load(std::memory_order_relaxed));
    }
    return static_cast<std::int64_t>(sum);
}

std::vector<TopKey> Reader::top_keys(unsigned limit_zone, std::size_t most) const
{
    std::vector<std::vector<TopKey>> sketches;
    for (const auto* column : columns_) {
        if (auto keys = read_keys(column->top_keys[limit_zone % limit_zone_capacity])) {
            sketches.push_back(std::move(*keys));
        }
    }
    return merge_keys(sketches, most);
}

std::vector<Decision> Reader::decisions(unsigned most) const
{
    std::vector<Decision> all;
    for (const auto* column : columns_) {
        const auto some = read_decisions(*column, most);
        all.insert(all.end(), some.begin(), some.end());
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Decision& a, const Decision& b) { return a.at_ms < b.at_ms; });
    if (all.size() > most) {
        all.erase(all.begin(), all.end() - most);
    }
    return all;
}

}  // namespace gatehouse::telemetry
