// The response fields of a limit (draft-ietf-httpapi-ratelimit-headers-10).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/limit/window.h"

namespace gatehouse::limit {

/// The largest integer of a structured field (RFC 9651 §3.3.1).
inline constexpr std::uint64_t largest_field_integer = 999'999'999'999'999;

/// Appends `"10/minute";q=10;w=60` to a list.
void append_policy(std::string& list, const Window& window);

/// Room for the RateLimit field of a window with this name.
constexpr std::size_t rate_limit_capacity(std::string_view name) noexcept
{
    return name.size() + sizeof("\"\";r=999999999999999;t=999999999999999");
}

/// Writes `"10/minute";r=7;t=12` so that it ends at `end`, and returns where it begins. `t` is when
/// all of it is there again, or of a refusal, when a request can pass.
char* write_rate_limit(char* end, const Window& window, const Outcome& outcome) noexcept;

/// Retry-After in seconds: at least 1, and never before the time.
std::uint64_t retry_after_s(const Outcome& outcome) noexcept;

}  // namespace gatehouse::limit
