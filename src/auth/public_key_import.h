// Public keys from the numbers that a JWK gives (RFC 7518 §6, RFC 8037 §2).
#pragma once

#include <cstddef>
#include <string_view>

#include "src/auth/evp.h"
#include "src/base/result.h"

namespace gatehouse::auth {

inline constexpr std::size_t min_rsa_bits = 2048;  // RFC 7518 §3.3
inline constexpr std::size_t max_rsa_bits = 8192;  // a verification is a few hundred microseconds

// Errors say what is wrong with the key, to go behind its name.

/// From the modulus and the public exponent, big-endian. The exponent is odd and from 65537
/// (FIPS 186-5 §5.4) to 2^32 - 1, so that nobody's key makes each verification dear.
Result<Pkey> rsa_public_key(std::string_view modulus, std::string_view exponent);

/// A curve that JOSE has a name for.
struct Curve {
    std::string_view name;
    const char* group = nullptr;   ///< OpenSSL's name
    std::size_t coordinate_bytes;  ///< of x and y, each
};

/// From a point of exactly the curve's size that lies on it.
Result<Pkey> ec_public_key(const Curve& curve, std::string_view x, std::string_view y);

/// `type` is ED25519 or ED448 in OpenSSL's words.
Result<Pkey> edwards_public_key(const char* type, std::string_view bytes);

}  // namespace gatehouse::auth
