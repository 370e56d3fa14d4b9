// The two forms of an ECDSA signature.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace gatehouse::auth {

/// P-521's, whose numbers have 521 bits.
inline constexpr std::size_t max_ecdsa_coordinate = 66;

/// SEQUENCE { INTEGER r, INTEGER s } in DER (RFC 3279 §2.2.3), as OpenSSL wants it.
struct DerSignature {
    std::array<unsigned char, 2 * max_ecdsa_coordinate + 9> bytes;
    std::size_t size = 0;
};

/// From r and s of equal length, one after the other (RFC 7518 §3.4).
/// REQUIRES: raw.size() is even, not 0, at most 2 * max_ecdsa_coordinate.
DerSignature der_signature(std::string_view raw) noexcept;

}  // namespace gatehouse::auth
