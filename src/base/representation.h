// The representations one card is published in: a format times an encoding.
// The numbers are part of the snapshot's bytes (src/board/snapshot.h): add, never renumber.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse {

enum class Format : std::uint8_t { json = 0, columns = 1, csv = 2, ndjson = 3 };
inline constexpr std::size_t format_count = 4;

enum class Encoding : std::uint8_t { identity = 0, gzip = 1, br = 2, zstd = 3 };
inline constexpr std::size_t encoding_count = 4;

inline constexpr std::array<std::string_view, format_count> format_names{"json", "columns", "csv",
                                                                         "ndjson"};

/// As they stand in Content-Encoding.
inline constexpr std::array<std::string_view, encoding_count> encoding_names{"identity", "gzip",
                                                                             "br", "zstd"};

constexpr std::string_view name_of(Format format) noexcept
{
    return format_names[static_cast<std::size_t>(format)];
}

constexpr std::string_view name_of(Encoding encoding) noexcept
{
    return encoding_names[static_cast<std::size_t>(encoding)];
}

constexpr std::optional<Format> format_named(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < format_count; ++i) {
        if (format_names[i] == name) {
            return static_cast<Format>(i);
        }
    }
    return std::nullopt;
}

/// A set of small enumerators, one bit each.
template <class Enum>
class EnumSet {
public:
    constexpr EnumSet() noexcept = default;
    constexpr explicit EnumSet(std::uint8_t bits) noexcept : bits_(bits) {}

    constexpr void insert(Enum value) noexcept { bits_ |= bit(value); }
    constexpr bool contains(Enum value) const noexcept { return (bits_ & bit(value)) != 0; }
    constexpr bool empty() const noexcept { return bits_ == 0; }
    constexpr std::uint8_t bits() const noexcept { return bits_; }

private:
    static constexpr std::uint8_t bit(Enum value) noexcept
    {
        return static_cast<std::uint8_t>(1u << static_cast<unsigned>(value));
    }

    std::uint8_t bits_ = 0;
};

using FormatSet = EnumSet<Format>;
using EncodingSet = EnumSet<Encoding>;

}  // namespace gatehouse
