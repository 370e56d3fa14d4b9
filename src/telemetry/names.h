// The names that indices stand for: lists in shared memory that only grow.
//
// Thread safety: all of it, between processes too; lock-free. Whoever dies on the way leaves at the
// most some bytes of the heap unused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/telemetry/layout.h"

namespace gatehouse::telemetry {

/// Where the list of a kind lies among the name cells.
struct NameRange {
    unsigned first;
    unsigned count;
};
constexpr NameRange range_of(NameKind kind) noexcept
{
    switch (kind) {
    case NameKind::endpoint: return {0, endpoint_capacity};
    case NameKind::limit_zone: return {endpoint_capacity, limit_zone_capacity};
    case NameKind::cap_zone: return {endpoint_capacity + limit_zone_capacity, cap_zone_capacity};
    case NameKind::card: return {name_capacity - card_capacity, card_capacity};
    }
    return {0, 0};
}

/// The name at `index` of the list, or nothing. Whatever the cell holds, the view lies in the heap.
std::optional<std::string_view> name_at(const Word* names, std::span<const char> heap,
                                        NameKind kind, unsigned index) noexcept;

/// The index of a name, which is added where it is not there yet; names beyond longest_name are
/// cut. Nothing when there is no room. Linear in the names there are.
std::optional<std::uint16_t> intern(Word* names, std::span<char> heap, Word& heap_used,
                                    NameKind kind, std::string_view name) noexcept;

}  // namespace gatehouse::telemetry
