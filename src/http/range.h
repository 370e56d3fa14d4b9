// Byte ranges (RFC 9110 §14), one per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "src/http/validator.h"

namespace gatehouse::http {

/// What to send of a representation.
struct RangeResult {
    enum class Kind : std::uint8_t { full, partial, unsatisfiable };  // 200, 206, 416

    Kind kind = Kind::full;
    std::uint64_t first = 0;  // of a partial answer: the first and
    std::uint64_t last = 0;   // the last byte, both inclusive

    std::uint64_t length() const noexcept { return last - first + 1; }
};

/// Reads `bytes=first-last`, `bytes=first-` and `bytes=-suffix` for a representation of `size`
/// bytes.
///
/// - Several ranges, another unit and anything malformed (`5-2` too) give the full answer: no
///   multipart is ever made, so no request gets more than one representation's bytes.
/// - Unsatisfiable: a first byte at or past the end, and `bytes=-0`.
/// - A last byte past the end means the last one; a suffix longer than the whole means the whole.
/// - Of an empty representation a suffix gives the full answer: no 206 can say "no bytes".
RangeResult select_range(std::string_view range, std::uint64_t size) noexcept;

/// Whether If-Range lets the Range be answered (RFC 9110 §13.1.5); if not, the answer is full.
///
/// A tag must be equal and strong. A date must be exactly Last-Modified, whose second must be over
/// at `now`: until then the bytes could change once more under the same date.
/// REQUIRES: the request has both Range and If-Range.
bool if_range_holds(std::string_view if_range, const Validators& current, UnixSeconds now) noexcept;

/// Room for a Content-Range of three 64-bit numbers.
inline constexpr std::size_t content_range_capacity = 68;

/// `bytes 0-99/1234` or, unsatisfiable, `bytes */1234`. REQUIRES: `range` is not full.
std::string_view format_content_range(const RangeResult& range, std::uint64_t size,
                                      std::span<char, content_range_capacity> out) noexcept;

}  // namespace gatehouse::http
