// CRC-32 as in Ethernet, zip and PNG (ISO 3309; reflected polynomial 0xEDB88320): finds mistyped
// and made-up tokens. It proves nothing.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::auth {

inline constexpr auto crc32_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t remainder = i;
        for (int bit = 0; bit < 8; ++bit) {
            remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xedb8'8320U : 0U);
        }
        table[i] = remainder;
    }
    return table;
}();

constexpr std::uint32_t crc32(std::string_view bytes) noexcept
{
    std::uint32_t remainder = ~0U;
    for (const char c : bytes) {
        const auto low = (remainder ^ static_cast<unsigned char>(c)) & 0xff;
        remainder = (remainder >> 8) ^ crc32_table[low];
    }
    return ~remainder;
}

}  // namespace gatehouse::auth
