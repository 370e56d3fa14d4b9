// An address as a client: an IPv4 address, or the network of an IPv6 address, since one subscriber
// has a whole /64 of them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace gatehouse {

struct PrefixLengths {
    unsigned v4 = 32;
    unsigned v6 = 64;
};

/// A masked address: 4 or 16 bytes.
class NetworkPrefix {
public:
    /// `address`: 4 bytes (IPv4) or 16 (IPv6), in network order. ::ffff:a.b.c.d counts as IPv4.
    NetworkPrefix(std::span<const std::uint8_t> address, PrefixLengths lengths) noexcept;

    std::span<const std::uint8_t> bytes() const noexcept { return {bytes_.data(), size_}; }

    /// "192.0.2.1", "192.0.2.0/24", "2001:db8::/64"; the length is left out where it is the whole.
    std::string text() const;

private:
    std::array<std::uint8_t, 16> bytes_{};
    std::uint8_t size_ = 0;
    std::uint8_t length_ = 0;
};

}  // namespace gatehouse
