// SHA-256 with what OpenSSL needs for it kept: its one-shot calls look the algorithm up each time,
// which costs five times the hash of a token.
//
// Thread safety: one thread at a time for each object.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::auth {

using Digest = std::array<std::uint8_t, 32>;

/// In time that does not depend on where they differ.
bool equal_digests(const Digest& a, const Digest& b) noexcept;

class Sha256 {
public:
    /// Fails where OpenSSL has no SHA-256.
    static Result<Sha256> create();

    /// Nothing if OpenSSL fails, which for a digest it does when out of memory.
    std::optional<Digest> operator()(std::string_view bytes) noexcept;

private:
    struct Free {
        void operator()(EVP_MD* digest) const noexcept { EVP_MD_free(digest); }
        void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    };

    Sha256() = default;

    std::unique_ptr<EVP_MD, Free> algorithm_;
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace gatehouse::auth
