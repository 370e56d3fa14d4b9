// base64url without padding (RFC 4648 §5, RFC 7515 §2), as strict as it can be: one text for one
// sequence of bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// Of a text of this length, were it valid.
constexpr std::size_t base64url_decoded_size(std::size_t characters) noexcept
{
    return characters / 4 * 3 + (characters % 4 == 0 ? 0 : characters % 4 - 1);
}

constexpr std::size_t base64url_encoded_size(std::size_t bytes) noexcept
{
    return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}

/// Writes the bytes to `out` and returns how many. Nothing for padding, whitespace, characters of
/// other alphabets, a length that no bytes have, and bits past the last byte that are not zero;
/// `out` then holds anything.
/// REQUIRES: `out` has room for base64url_decoded_size(text.size()) bytes.
std::optional<std::size_t> base64url_decode(std::string_view text, char* out) noexcept;

std::optional<std::string> base64url_decode(std::string_view text);

void append_base64url(std::string& out, std::string_view bytes);

}  // namespace gatehouse::auth
