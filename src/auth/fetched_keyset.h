// What the table `jwks:NAME` holds: a JWK set as it was fetched, and when.
//
//     1767225600            Unix time, in digits
//     {"keys":[…]}          the rest
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::auth {

inline constexpr std::string_view keyset_table_prefix = "jwks:";

/// Keys that could not be fetched again for so long are no longer believed: they may have been
/// withdrawn.
inline constexpr std::int64_t keyset_lifetime_s = std::int64_t{24} * 3600;

struct FetchedKeyset {
    std::int64_t fetched_at_s = 0;
    std::string_view json;  ///< empty: the bytes are none
};

std::string fetched_keyset_bytes(std::int64_t fetched_at_s, std::string_view json);
FetchedKeyset read_fetched_keyset(std::string_view bytes) noexcept;

}  // namespace gatehouse::auth
