// Dates and times as ISO 8601. Each function writes at `to` and returns the end; none writes more
// than longest_time bytes. A fraction is written when it is not zero, in all digits of its unit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gatehouse::render {

inline constexpr std::size_t longest_time = 64;

/// `2026-01-02` in the proleptic Gregorian calendar; years outside 0000–9999 with a sign,
/// `-0043-03-15`. The extreme values are `infinity` and `-infinity`.
char* write_date(char* to, std::int32_t days) noexcept;

/// `03:04:05.123456`
char* write_time(char* to, std::int64_t microseconds) noexcept;

/// `2026-01-02T03:04:05.123456` of a count of units since 1970, of which a second has 10^digits;
/// `zone` is appended. The extreme values are `infinity` and `-infinity`.
char* write_timestamp(char* to, std::int64_t units, unsigned digits, const char* zone) noexcept;

}  // namespace gatehouse::render
