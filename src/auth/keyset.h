// The keys that tokens are verified with: JWK sets (RFC 7517) and secrets.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/auth/key.h"
#include "src/base/result.h"

namespace gatehouse::auth {

inline constexpr std::size_t max_keyset_bytes = 1 << 20;
inline constexpr std::size_t max_keys = 100;
inline constexpr std::size_t max_kid_bytes = 256;

/// Thread safety: none, not even for two calls that only verify: keys keep their contexts.
/// Invariants: at least one key; no two keys with one kid.
class Keyset {
public:
    /// REQUIRES: the invariants.
    explicit Keyset(std::vector<Key> keys) noexcept : keys_(std::move(keys)) {}

    std::span<const Key> keys() const noexcept { return keys_; }

    /// The key of this kid, or the only one of the set where that has none. Null when there is no
    /// such key.
    const Key* find(std::string_view kid) const noexcept;

private:
    std::vector<Key> keys_;
};

struct ParsedKeyset {
    Keyset keyset;
    std::vector<std::string> warnings;  ///< one sentence for each key that is left out, and why
};

/// Secrets (`oct`) come from our own files; who answers a fetch has no business knowing one.
enum class KeysetOrigin { file, fetched };

/// Reads a JWK set. A key that we cannot or will not use is left out with a warning: another type
/// or curve, RSA under 2048 or over 8192 bits or with a public exponent under 65537 (FIPS 186-5
/// §5.4), a point that is not on its curve, a secret shorter than its hash (RFC 7518 §3.2). Keys
/// whose `use` is not sig or whose `key_ops` have no verify are left out in silence: they are meant
/// for others.
///
/// An error, and no key of the set is used: over max_keyset_bytes or max_keys, not JSON or a member
/// twice, no array `keys`, two keys with one kid, an oct key in what was fetched, no key left.
Result<ParsedKeyset> parse_keyset(std::string_view json, KeysetOrigin origin);

/// What a secret file holds: its bytes, without the line end that editors and `openssl rand -hex`
/// put after a text. Bytes that are no printable ASCII are a binary secret and stay as they are.
std::string_view secret_in_file(std::string_view bytes) noexcept;

/// A set of one secret; `kid` may be empty. An error for an algorithm that is not HMAC and for a
/// secret shorter than its hash (RFC 7518 §3.2).
Result<Keyset> keyset_of_secret(std::string_view secret, Algorithm algorithm, std::string kid);

}  // namespace gatehouse::auth
