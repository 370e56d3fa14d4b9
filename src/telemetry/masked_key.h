// Keys and addresses as they may be shown: by default without what tells one person from the next.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::telemetry {

/// An address of 4 or 16 bytes as an IPv6 address, IPv4 as ::ffff:a.b.c.d. Masked: an IPv4's last 8
/// bits and an IPv6's last 80 are 0. Zeros for anything else.
std::array<std::uint64_t, 2> client_address(std::string_view address, bool masked) noexcept;

/// The text of what client_address() made: "192.0.2.0", "2001:db8:1::"; empty for none.
std::string client_text(const std::array<std::uint64_t, 2>& client);

/// A label for a key. Masked: an address (4 or 16 bytes, or as text) as its network, such as
/// "192.0.2.0/24", "2001:db8:1::/48"; empty for any other key, which its hash alone stands for.
/// Whole: an address as text, any other key as it is, with '?' for what is not printable ASCII.
std::string key_label(std::string_view key, bool masked);

}  // namespace gatehouse::telemetry
