#include "src/auth/api_token.h"

#include <algorithm>
#include <cstring>

#include "src/auth/base62.h"
#include "src/auth/crc32.h"

namespace gatehouse::auth {

namespace {

constexpr std::size_t separator_at = api_token_prefix.size() + token_id_size;
constexpr std::size_t checksum_at = api_token_size - token_checksum_size;

// Six digits hold every CRC-32: 62^6 is about 5.7 × 10^10.
static_assert(62ULL * 62 * 62 * 62 * 62 * 62 > 0xffff'ffffULL);

bool is_ours(std::string_view token) noexcept
{
    return token.size() == api_token_size && token[separator_at] == '_' &&
           is_base62(id_of(token)) && is_base62(token.substr(separator_at + 1)) &&
           base62_number(token.substr(checksum_at)) == crc32(token.substr(0, checksum_at));
}

bool is_visible(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<std::string> draw_digits(std::size_t count, std::span<const std::uint8_t> random)
{
    constexpr unsigned fair = 256 / 62 * 62;
    std::string digits;
    for (const auto byte : random) {
        if (byte < fair) {
            digits += base62_digits[byte % 62];
            if (digits.size() == count) {
                return digits;
            }
        }
    }
    return Error{"not enough random bytes"};
}

void append_checksum(std::string& token)
{
    std::uint64_t rest = crc32(token);
    token.resize(api_token_size);
    for (auto at = api_token_size; at > checksum_at; rest /= 62) {
        token[--at] = base62_digits[rest % 62];
    }
}

}  // namespace

TokenShape shape_of(std::string_view token) noexcept
{
    if (token.starts_with(api_token_prefix)) {
        return is_ours(token) ? TokenShape::ours : TokenShape::junk;
    }
    const bool possible = !token.empty() && token.size() <= longest_foreign_token;
    return possible && is_visible(token) ? TokenShape::foreign : TokenShape::junk;
}

std::uint64_t token_key(std::string_view id) noexcept
{
    std::uint64_t key = 0;
    std::memcpy(&key, id.data(), std::min(id.size(), sizeof key));
    return key;
}

std::uint64_t token_key(const Digest& digest) noexcept
{
    std::uint64_t key = 0;
    std::memcpy(&key, digest.data(), sizeof key);
    return key;
}

Result<std::string> make_token_id(std::span<const std::uint8_t> random)
{
    return draw_digits(token_id_size, random);
}

Result<std::string> make_api_token(std::string_view id, std::span<const std::uint8_t> random)
{
    const auto secret = draw_digits(token_secret_size, random);
    if (!secret) {
        return secret.error();
    }
    std::string token{api_token_prefix};
    token.append(id).append("_").append(*secret);
    append_checksum(token);
    return token;
}

}  // namespace gatehouse::auth
