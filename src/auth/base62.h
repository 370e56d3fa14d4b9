// Base62 as API tokens use it: digits, upper case, lower case, in the order of their ASCII codes;
// numbers with the highest digit first.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::auth {

inline constexpr std::string_view base62_digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static_assert(base62_digits.size() == 62);

inline constexpr std::uint8_t no_base62_digit = 0xff;

/// The value of each character, no_base62_digit for those that are none.
inline constexpr auto base62_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_base62_digit);
    for (std::size_t i = 0; i < base62_digits.size(); ++i) {
        values[static_cast<unsigned char>(base62_digits[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}();

/// Whether every character is a digit. In time that depends on the length alone.
constexpr bool is_base62(std::string_view text) noexcept
{
    unsigned seen = 0;
    for (const char c : text) {
        seen |= base62_values[static_cast<unsigned char>(c)];
    }
    return (seen & 0x80) == 0;
}

/// REQUIRES: is_base62(text), and its value fits in 64 bits.
constexpr std::uint64_t base62_number(std::string_view text) noexcept
{
    std::uint64_t number = 0;
    for (const char c : text) {
        number = number * 62 + base62_values[static_cast<unsigned char>(c)];
    }
    return number;
}

}  // namespace gatehouse::auth
