#include "src/geo/item.h"

#include <array>

namespace gatehouse::geo {

namespace {

/// Reads on from an offset; what is beyond the end reads as 0 and spoils the whole.
class Cursor {
public:
    Cursor(std::span<const std::byte> section, std::size_t at) noexcept : section_(section), at_(at)
    {
    }

    std::uint32_t take(unsigned bytes) noexcept
    {
        std::uint32_t value = 0;
        for (unsigned i = 0; i < bytes; ++i) {
            value = value << 8 | next();
        }
        return value;
    }

    std::size_t at() const noexcept { return at_; }
    bool sound() const noexcept { return sound_; }
    std::size_t left() const noexcept { return section_.size() - at_; }

private:
    std::uint32_t next() noexcept
    {
        if (at_ >= section_.size()) {
            sound_ = false;
            return 0;
        }
        return std::to_integer<std::uint32_t>(section_[at_++]);
    }

    std::span<const std::byte> section_;
    std::size_t at_;
    bool sound_ = true;
};

std::uint32_t read_target(Cursor& cursor, std::uint32_t control) noexcept
{
    constexpr std::array<std::uint32_t, 4> bias{0, 2048, 526336, 0};
    const auto width = control >> 3 & 3;
    // The control byte has the three highest bits, but where four bytes follow.
    const std::uint64_t high = width == 3 ? 0 : control & 7;
    const auto low = cursor.take(width + 1);
    return static_cast<std::uint32_t>(high << 8 * (width + 1)) + low + bias[width];
}

std::uint32_t read_size(Cursor& cursor, std::uint32_t control) noexcept
{
    constexpr std::array<std::uint32_t, 3> base{29, 285, 65821};
    const auto bits = control & 31;
    if (bits < 29) {
        return bits;
    }
    return base[bits - 29] + cursor.take(bits - 28);
}

bool is_sound(ItemType type, std::uint32_t size) noexcept
{
    switch (type) {
    case ItemType::pointer:
    case ItemType::text:
    case ItemType::bytes:
    case ItemType::map:
    case ItemType::array: return true;
    case ItemType::float64: return size == 8;
    case ItemType::float32: return size == 4;
    case ItemType::uint16: return size <= 2;
    case ItemType::uint32:
    case ItemType::int32: return size <= 4;
    case ItemType::uint64: return size <= 8;
    case ItemType::uint128: return size <= 16;
    case ItemType::boolean: return size <= 1;
    }
    return false;
}

/// A map's pair takes two bytes at least, an array's item one: what claims more is refused before
/// anybody goes through it.
std::size_t least_bytes(const Item& item) noexcept
{
    switch (item.type) {
    case ItemType::map: return 2 * std::size_t{item.size};
    case ItemType::pointer:
    case ItemType::boolean: return 0;
    default: return item.size;
    }
}

}  // namespace

std::optional<Item> read_item(std::span<const std::byte> section, std::size_t offset) noexcept
{
    Cursor cursor{section, offset};
    const auto control = cursor.take(1);
    Item item;
    auto type = control >> 5;
    if (type == 0) {
        type = 7 + cursor.take(1);
        if (type < 8 || type > 15) {
            return std::nullopt;
        }
    }
    item.type = static_cast<ItemType>(type);
    if (item.type == ItemType::pointer) {
        item.target = read_target(cursor, control);
    } else {
        item.size = read_size(cursor, control);
    }
    if (!cursor.sound() || !is_sound(item.type, item.size) || least_bytes(item) > cursor.left()) {
        return std::nullopt;
    }
    const bool holds_items = item.type == ItemType::map || item.type == ItemType::array;
    item.payload = cursor.at();
    item.end = item.payload + (holds_items ? 0 : least_bytes(item));
    return item;
}

std::uint64_t number_of(std::span<const std::byte> section, const Item& item) noexcept
{
    std::uint64_t value = 0;
    for (const auto byte : section.subspan(item.payload, item.size)) {
        value = value << 8 | std::to_integer<std::uint64_t>(byte);
    }
    return value;
}

}  // namespace gatehouse::geo
