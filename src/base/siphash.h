// SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012, and the 128-bit
// variant of its reference code): a keyed hash for tables whose keys a client chooses.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse {

struct SipKey {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};

struct Hash128 {
    std::uint64_t low = 0;   ///< the first eight bytes of the digest, little-endian
    std::uint64_t high = 0;  ///< the other eight

    friend bool operator==(const Hash128&, const Hash128&) = default;
};

/// Who does not know the key can find no two inputs that collide, nor steer where one falls.
Hash128 siphash13(const SipKey& key, std::string_view bytes) noexcept;

/// Sixty-four bits, at two thirds of the cost. Not the half of the other.
std::uint64_t siphash13_64(const SipKey& key, std::string_view bytes) noexcept;

}  // namespace gatehouse
