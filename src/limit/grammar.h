// What an operator writes: the rates of limit_req and the quotas of flask-limiter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/limit/window.h"

namespace gatehouse::limit {

/// "10r/s" or "30r/m", in requests per 1000 s, cut off as limit_req does: 1r/m is 16.
Result<std::uint64_t> parse_rate(std::string_view text);

/// A quota has no more windows.
inline constexpr std::size_t most_quota_windows = 8;

/// "10/minute; 50 per hour, 200/day" and "5/2 hours": the grammar of the Python package `limits`,
/// which flask-limiter uses. A month has 30 days and a year twelve of them, as there.
Result<std::vector<Window>> parse_quota(std::string_view text, Algorithm algorithm, Align align);

/// "gcra", "sliding", "fixed".
Result<Algorithm> parse_algorithm(std::string_view text);

}  // namespace gatehouse::limit
