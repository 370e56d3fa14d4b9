#include "src/auth/base64url.h"

#include <array>
#include <cstdint>

namespace gatehouse::auth {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// No value of six bits has this one.
constexpr std::uint32_t not_in_alphabet = 1U << 31;

constexpr auto values = [] {
    std::array<std::uint32_t, 256> table{};
    table.fill(not_in_alphabet);
    for (std::uint32_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = i;
    }
    return table;
}();

std::uint32_t value_of(char c) noexcept
{
    return values[static_cast<unsigned char>(c)];
}

}  // namespace

std::optional<std::size_t> base64url_decode(std::string_view text, char* out) noexcept
{
    const char* in = text.data();
    const char* const whole = in + text.size() / 4 * 4;
    char* next = out;
    std::uint32_t seen = 0;
    for (; in != whole; in += 4, next += 3) {
        const std::uint32_t word =
            value_of(in[0]) << 18 | value_of(in[1]) << 12 | value_of(in[2]) << 6 | value_of(in[3]);
        seen |= value_of(in[0]) | value_of(in[1]) | value_of(in[2]) | value_of(in[3]);
        next[0] = static_cast<char>(word >> 16);
        next[1] = static_cast<char>(word >> 8);
        next[2] = static_cast<char>(word);
    }
    const std::size_t left = text.size() % 4;
    if (left == 1) {
        return std::nullopt;
    }
    if (left != 0) {
        const std::uint32_t third = left == 3 ? value_of(in[2]) : 0;
        const std::uint32_t word = value_of(in[0]) << 12 | value_of(in[1]) << 6 | third;
        seen |= value_of(in[0]) | value_of(in[1]) | third;
        if ((word & (left == 2 ? 0x3FFU : 0x3U)) != 0) {
            return std::nullopt;
        }
        *next++ = static_cast<char>(word >> 10);
        if (left == 3) {
            *next++ = static_cast<char>(word >> 2);
        }
    }
    if ((seen & not_in_alphabet) != 0) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(next - out);
}

std::optional<std::string> base64url_decode(std::string_view text)
{
    std::string bytes(base64url_decoded_size(text.size()), '\0');
    const auto size = base64url_decode(text, bytes.data());
    if (!size) {
        return std::nullopt;
    }
    return bytes;
}

void append_base64url(std::string& out, std::string_view bytes)
{
    std::uint32_t word = 0;
    unsigned bits = 0;
    for (const char byte : bytes) {
        word = word << 8 | static_cast<unsigned char>(byte);
        for (bits += 8; bits >= 6; bits -= 6) {
            out += alphabet[word >> (bits - 6) & 0x3F];
        }
    }
    if (bits != 0) {
        out += alphabet[word << (6 - bits) & 0x3F];
    }
}

}  // namespace gatehouse::auth
