#include "src/auth/base64url.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace gatehouse::auth {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Three bytes are written as one little-endian word.
static_assert(std::endian::native == std::endian::little);

/// No bit of three decoded bytes.
constexpr std::uint32_t not_in_alphabet = 1U << 31;

/// What the character at one of four places gives to the three bytes.
constexpr std::array<std::uint32_t, 256> table_of(unsigned place)
{
    std::array<std::uint32_t, 256> table{};
    table.fill(not_in_alphabet);
    for (std::uint32_t i = 0; i < alphabet.size(); ++i) {
        const std::uint32_t big = i << (18 - 6 * place);
        table[static_cast<unsigned char>(alphabet[i])] =
            big >> 16 | (big & 0xFF00U) | (big & 0xFFU) << 16;
    }
    return table;
}

constexpr std::array tables{table_of(0), table_of(1), table_of(2), table_of(3)};

std::uint32_t at_place(std::size_t place, char c) noexcept
{
    return tables[place][static_cast<unsigned char>(c)];
}

/// Three bytes, the first the lowest.
std::uint32_t group(const char* in) noexcept
{
    return at_place(0, in[0]) | at_place(1, in[1]) | at_place(2, in[2]) | at_place(3, in[3]);
}

/// The last two or three characters: one or two bytes, and bits that must be zero.
bool decode_tail(std::string_view tail, char* out) noexcept
{
    std::uint32_t word = at_place(0, tail[0]) | at_place(1, tail[1]);
    if (tail.size() == 3) {
        word |= at_place(2, tail[2]);
    }
    const std::size_t bytes = tail.size() - 1;
    std::memcpy(out, &word, bytes);
    return word >> (8 * bytes) == 0;
}

}  // namespace

std::optional<std::size_t> base64url_decode(std::string_view text, char* out) noexcept
{
    const std::size_t left = text.size() % 4;
    const char* in = text.data();
    const char* const tail = in + text.size() - left;
    char* next = out;
    std::uint32_t seen = 0;
    while (tail - in > 4) {
        const std::uint32_t word = group(in);
        seen |= word;
        std::memcpy(next, &word, 4);  // one store; the fourth byte is written again
        in += 4;
        next += 3;
    }
    if (in != tail) {
        const std::uint32_t word = group(in);
        seen |= word;
        std::memcpy(next, &word, 3);
        next += 3;
    }
    if ((seen & not_in_alphabet) != 0 || left == 1 ||
        (left != 0 && !decode_tail({tail, left}, next))) {
        return std::nullopt;
    }
    return base64url_decoded_size(text.size());
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
