// HMAC-SHA-2 (RFC 2104, RFC 7518 §3.2).
#pragma once

#include <memory>
#include <string_view>

#include "src/auth/algorithm.h"
#include "src/auth/key.h"

namespace gatehouse::auth {

/// The bytes of the hash, which are also the least a secret may have. REQUIRES: an HMAC algorithm.
std::size_t hmac_bytes(Algorithm algorithm) noexcept;

/// Null when OpenSSL fails. REQUIRES: an HMAC algorithm.
std::unique_ptr<SignatureCheck> hmac_check(Algorithm algorithm, std::string_view secret);

}  // namespace gatehouse::auth
