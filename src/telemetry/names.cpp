#include "src/telemetry/names.h"

#include <cstring>

#include "src/base/crash_point.h"

namespace gatehouse::telemetry {

namespace {

/// Copies the name into the heap and says where it is, as a cell has it; 0: no room.
std::uint64_t store(std::span<char> heap, Word& used, std::string_view name) noexcept
{
    if (used.load(std::memory_order_relaxed) + name.size() > heap.size()) {
        return 0;
    }
    const auto offset = used.fetch_add(name.size(), std::memory_order_relaxed);
    if (offset + name.size() > heap.size()) {
        return 0;
    }
    crash_point();
    std::memcpy(heap.data() + offset, name.data(), name.size());
    crash_point();
    return name_is_set | std::uint64_t{name.size()} << 32 | offset;
}

std::optional<std::string_view> name_of(std::uint64_t cell, std::span<const char> heap) noexcept
{
    const std::size_t offset = cell & 0xffff'ffff;
    const std::size_t length = (cell >> 32) & 0xffff;
    if (cell == 0 || length > longest_name || offset > heap.size() ||
        length > heap.size() - offset) {
        return std::nullopt;
    }
    return std::string_view{heap.data() + offset, length};
}

}  // namespace

std::optional<std::string_view> name_at(const Word* names, std::span<const char> heap,
                                        NameKind kind, unsigned index) noexcept
{
    const auto [first, count] = range_of(kind);
    if (index >= count) {
        return std::nullopt;
    }
    return name_of(names[first + index].load(std::memory_order_acquire), heap);
}

std::optional<std::uint16_t> intern(Word* names, std::span<char> heap, Word& heap_used,
                                    NameKind kind, std::string_view name) noexcept
{
    name = name.substr(0, longest_name);
    const auto [first, count] = range_of(kind);
    std::uint64_t stored = 0;
    for (unsigned index = 0; index < count; ++index) {
        auto& cell = names[first + index];
        auto seen = cell.load(std::memory_order_acquire);
        if (seen == 0) {
            if (stored == 0 && (stored = store(heap, heap_used, name)) == 0) {
                return std::nullopt;
            }
            if (cell.compare_exchange_strong(seen, stored, std::memory_order_acq_rel)) {
                return static_cast<std::uint16_t>(index);
            }
        }
        if (name_of(seen, heap) == name) {
            return static_cast<std::uint16_t>(index);
        }
    }
    return std::nullopt;
}

}  // namespace gatehouse::telemetry
