// Signs the identity that apps and the sidecar are given: JWS (RFC 7515) with Ed25519 (RFC 8037).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "src/auth/evp.h"
#include "src/base/result.h"

namespace gatehouse::auth {

/// Thread safety: none; the context is kept.
class IdentitySigner {
public:
    static constexpr std::size_t seed_bytes = 32;  // RFC 8032 §5.1.5

    /// From a private key's seed.
    static Result<IdentitySigner> from_seed(std::string_view seed);

    /// Appends `header.payload.signature`; the header has alg, typ JWT and kid. False when OpenSSL
    /// fails, and then nothing is appended.
    bool append_token(std::string& out, std::string_view claims_json);

    /// The key's thumbprint (RFC 7638, SHA-256).
    const std::string& kid() const noexcept { return kid_; }

    /// The public key as a JWK object, `{"kty":"OKP",…}`.
    const std::string& public_jwk() const noexcept { return public_jwk_; }

private:
    IdentitySigner() = default;

    DigestContext prepared_;
    DigestContext context_;
    std::string kid_;
    std::string public_jwk_;
    std::string header_;  // encoded, with its dot
};

}  // namespace gatehouse::auth
