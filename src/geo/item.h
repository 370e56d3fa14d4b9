// One item of a MaxMind DB's data section: a control byte, which says type and size, and a payload.
//
//     ┌─────────┬──────────────┬───────────────┬───────────────────────┐
//     │ control │ type - 7     │ size, 0 to 3  │ payload               │
//     │ byte    │ where type   │ bytes, where  │ maps and arrays: the  │
//     │ tttsssss│ bits are 0   │ bits are > 28 │ items themselves      │
//     └─────────┴──────────────┴───────────────┴───────────────────────┘
//
// A pointer has its target in the size bits and up to four bytes after them. Source: MaxMind DB
// File Format Specification 2.0, "Output Data Section".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::geo {

enum class ItemType : std::uint8_t {
    pointer = 1,
    text = 2,
    float64 = 3,
    bytes = 4,
    uint16 = 5,
    uint32 = 6,
    map = 7,
    int32 = 8,
    uint64 = 9,
    uint128 = 10,
    array = 11,
    boolean = 14,
    float32 = 15,
};

struct Item {
    ItemType type{};
    std::uint32_t size = 0;    ///< bytes of the payload; pairs of a map, items of an array
    std::size_t payload = 0;   ///< offset
    std::size_t end = 0;       ///< of the payload; of a map or an array: where its items begin
    std::uint32_t target = 0;  ///< of a pointer
};

/// Nothing if what stands there is no item, or ends beyond the section.
std::optional<Item> read_item(std::span<const std::byte> section, std::size_t offset) noexcept;

/// REQUIRES: a text of that section.
inline std::string_view text_of(std::span<const std::byte> section, const Item& item) noexcept
{
    return {reinterpret_cast<const char*>(section.data()) + item.payload, item.size};
}

/// REQUIRES: an unsigned integer of at most 64 bits of that section.
std::uint64_t number_of(std::span<const std::byte> section, const Item& item) noexcept;

}  // namespace gatehouse::geo
