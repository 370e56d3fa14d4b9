// Verifies JSON Web Tokens (RFC 7519) in the compact form of RFC 7515 §7.1, as RFC 8725 advises.
//
// Stricter than the RFCs ask: exp must be there; NumericDate is a whole number (RFC 7519 §2 allows
// fractions); no header with jwk, jku, x5u, x5c, crit, b64, zip or enc; a kid, where there is one,
// must be a key's, or the set must have one key alone, without a kid. Other header parameters mean
// nothing and are ignored (RFC 7515 §4), x5t and x5t#S256 among them: issuers send those beside
// kid, and they name a key as kid does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/auth/algorithm.h"
#include "src/auth/base64url.h"
#include "src/auth/claims.h"
#include "src/auth/keyset.h"
#include "src/auth/rejection.h"

namespace gatehouse::auth {

inline constexpr std::size_t max_token_bytes = 8192;
inline constexpr std::size_t max_header_characters = 1024;

struct JwsHeader;

struct JwtPolicy {
    /// Where unset, a key that names no algorithm is used with the usual one of its type.
    std::optional<AlgorithmSet> algorithms{};
    std::vector<std::string> issuers{};    ///< iss must be one of them; empty: any or none
    std::vector<std::string> audiences{};  ///< aud must have one of them
    /// With no audiences: a token that is meant for somebody is refused, as RFC 7519 §4.1.3 says,
    /// unless this is set.
    bool any_audience = false;
    std::int64_t leeway_s = 30;
};

struct Verdict {
    Rejection rejection = Rejection::none;
    Algorithm algorithm = Algorithm::hs256;  ///< the token's, where the header was read
    std::string_view kid;                    ///< likewise; empty where it has none
    Claims claims;                           ///< empty unless accepted
    std::int64_t expires_s = 0;              ///< the first second at which an accepted token is not

    explicit operator bool() const noexcept { return rejection == Rejection::none; }
};

/// What tokens are taken apart in. Never allocates, throws or blocks once made.
/// Thread safety: none.
class JwtVerifier {
public:
    /// The key is the one of the token's kid in the first set that has it; without a kid, the only
    /// key of a set that has just one, when exactly one of these sets' keys is for the algorithm.
    /// `now_s` is Unix time. What the verdict points to is kept until the next call.
    Verdict verify(std::string_view token, std::span<const Keyset* const> keysets,
                   const JwtPolicy& policy, std::int64_t now_s) noexcept;

private:
    Rejection parse_header(std::string_view part, JwsHeader& header) noexcept;
    void parse_claims(std::string_view part, const JwtPolicy& policy, std::int64_t now_s,
                      Verdict& verdict) noexcept;

    static constexpr std::size_t header_bytes = base64url_decoded_size(max_header_characters);
    static constexpr std::size_t payload_bytes = base64url_decoded_size(max_token_bytes);

    std::array<char, header_bytes> header_text_;
    std::array<JsonNode, max_json_nodes(header_bytes)> header_nodes_;
    std::array<char, payload_bytes> payload_text_;
    std::array<JsonNode, max_json_nodes(payload_bytes)> payload_nodes_;
};

}  // namespace gatehouse::auth
