// The networks a token may be used from: IPv4 and IPv6 prefixes, as bytes that lie in a table.
//
//        0 ┌──────────────────────┐
//          │ size  4 or 16     u8 │  bytes of the address
//        1 │ length, in bits   u8 │
//        2 │ address     16 bytes │  in network order; 0 behind the prefix
//       18 ├──────────────────────┤
//          │ the next …           │
//          └──────────────────────┘
//
// IPv4 addresses that come as IPv6 (::ffff:192.0.2.1) are IPv4, in the list and when asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::auth {

inline constexpr std::size_t network_entry_size = 18;
inline constexpr std::size_t most_networks = 100;

/// Reads "192.0.2.0/24", "2001:db8::/32" or an address alone into one entry. Fails where the text
/// is none, and where bits behind the prefix are set: "10.0.0.1/8" may mean two things.
Result<std::string> parse_network(std::string_view text);

/// The entry as text, without the length where it is the whole address. Empty if it is none.
std::string network_text(std::string_view entry);

/// Whether one of the entries holds the address (4 or 16 bytes in network order; any other number,
/// as of a client on a Unix socket, is in no network). Bytes that are no entry hold none.
bool networks_hold(std::string_view entries, std::span<const std::uint8_t> address) noexcept;

}  // namespace gatehouse::auth
