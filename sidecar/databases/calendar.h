// Dates and times that databases write as text.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::databases {

/// `2024-02-29` as days since 1970-01-01; nothing for what is no such date.
std::optional<std::int32_t> days_in(std::string_view text);

/// `2024-02-29 23:59[:58[.123456]]`, with a blank or a T, as microseconds since 1970-01-01 00:00;
/// nothing for anything else, a zone included.
std::optional<std::int64_t> microseconds_in(std::string_view text);

}  // namespace gatehouse::databases
