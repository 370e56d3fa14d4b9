// Why a token is not accepted.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::auth {

enum class Rejection : std::uint8_t {
    none,
    malformed,         ///< not three parts of base64url with a JSON object in the first two
    too_large,         ///< the token over max_token_bytes, its header over max_header_characters
    header_parameter,  ///< jwk, jku, x5u, x5c, crit, b64, zip or enc; kid, typ or cty is no string
    type,              ///< typ is neither JWT nor at+jwt
    algorithm,         ///< missing, unknown, not allowed here, or not what the key is for
    unknown_kid,       ///< no key has the token's kid; newer keys may
    no_kid,            ///< no kid, and not exactly one key that could be meant
    signature,
    claim_type,  ///< a registered claim has a value that RFC 7519 §4.1 does not allow
    no_expiry,   ///< no exp
    issuer,
    audience,
    not_yet_valid,  ///< nbf lies ahead
    issued_ahead,   ///< iat lies ahead
    expired,        ///< and nothing else is wrong
};

inline constexpr int rejection_count = 16;

/// One word for logs and metrics, such as `unknown_kid`; they do not change. `ok` for none.
std::string_view reason_of(Rejection rejection) noexcept;

/// What the client is told: "Token expired" or "Invalid token". REQUIRES: not none.
std::string_view client_message(Rejection rejection) noexcept;

}  // namespace gatehouse::auth
