// API tokens: their text.
//
//     gth_2pR8xQ0b_n4XhV0tB6yZkQ1mJw8sLr3cUe9aDf7Gi0gtGHt
//     └┬─┘└──┬───┘ └──────────────┬───────────────┘└─┬──┘
//    prefix  id                 secret            checksum
//            8                  32                6 digits of base62
//
// The id names the token in lists and logs and is no secret. The checksum is the CRC-32 of all that
// stands before it: who mistypes or makes up a token is turned away before anything is looked up,
// and a scanner of source code can tell a token from other text. What is kept of a token is the
// SHA-256 of its whole text. Thirty-two digits are 190 bits of chance, so a plain hash is enough:
// nobody can try them all.
//
// A token of any other shape was made elsewhere and imported ("foreign"). It is known by the
// SHA-256 of its whole text alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "src/auth/sha256.h"
#include "src/base/result.h"

namespace gatehouse::auth {

inline constexpr std::string_view api_token_prefix = "gth_";
inline constexpr std::size_t token_id_size = 8;
inline constexpr std::size_t token_secret_size = 32;
inline constexpr std::size_t token_checksum_size = 6;
inline constexpr std::size_t api_token_size =
    api_token_prefix.size() + token_id_size + 1 + token_secret_size + token_checksum_size;
static_assert(api_token_size == 51);

/// Longer texts are no token of anybody.
inline constexpr std::size_t longest_foreign_token = 512;

enum class TokenShape : std::uint8_t {
    junk,     ///< begins like ours but is none, or cannot be a token at all
    ours,     ///< as drawn above, with its checksum
    foreign,  ///< 1 to longest_foreign_token visible ASCII characters that do not begin like ours
};

TokenShape shape_of(std::string_view token) noexcept;

/// REQUIRES: shape_of(token) == TokenShape::ours.
constexpr std::string_view id_of(std::string_view token) noexcept
{
    return token.substr(api_token_prefix.size(), token_id_size);
}

/// What a token is looked up by: the characters of its id, or for a foreign one the first bytes of
/// its digest.
std::uint64_t token_key(std::string_view id) noexcept;
std::uint64_t token_key(const Digest& digest) noexcept;

/// Random bytes to hand in for an id, and for a secret. Of these, one in 32 is passed over (those
/// from 4 × 62 = 248 up, or some digits were likelier than others), so that they fall short less
/// than once in 10^31 times. The functions below fail then.
inline constexpr std::size_t random_for_token_id = 32;
inline constexpr std::size_t random_for_secret = 64;

/// Eight digits for an id, of bytes that a caller drew from the system.
Result<std::string> make_token_id(std::span<const std::uint8_t> random);

/// A token with this id and a new secret. REQUIRES: id is eight digits of base62.
Result<std::string> make_api_token(std::string_view id, std::span<const std::uint8_t> random);

}  // namespace gatehouse::auth
