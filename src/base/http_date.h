// HTTP dates (RFC 9110 §5.6.7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse {

/// Seconds since 1970-01-01T00:00:00Z.
using UnixSeconds = std::int64_t;

/// Length of `Sun, 06 Nov 1994 08:49:37 GMT`.
inline constexpr std::size_t http_date_size = 29;

/// Reads the three forms of RFC 9110, years 0000 to 9999:
///
///     Sun, 06 Nov 1994 08:49:37 GMT      IMF-fixdate
///     Sunday, 06-Nov-94 08:49:37 GMT     RFC 850
///     Sun Nov  6 08:49:37 1994           asctime
///
/// Strict: letter case, widths and separators as above, days that the month has. The day of the
/// week must be a name but not the right one. A leap second (`:60`) is the second after `:59`.
/// A two-digit year is the latest one that is not more than 50 years after `now`.
std::optional<UnixSeconds> parse_http_date(std::string_view text, UnixSeconds now) noexcept;

/// Writes the IMF-fixdate and returns it. Times outside of the years 0000 to 9999 are clamped.
std::string_view format_http_date(UnixSeconds time, std::span<char, http_date_size> out) noexcept;

}  // namespace gatehouse
