// The Cache-Status field (RFC 9211).
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::http {

inline constexpr std::string_view cache_status_miss = "gatehouse; fwd=uri-miss";
inline constexpr std::string_view cache_status_stale = "gatehouse; fwd=stale";

/// Whether a field's value is one that Gatehouse says: a list with no other cache before it.
constexpr bool is_own_cache_status(std::string_view value) noexcept
{
    constexpr std::string_view name = "gatehouse";
    return value.starts_with(name) &&
           (value.size() == name.size() || value[name.size()] == ';' || value[name.size()] == ',');
}

/// Room for the prefix, a sign and 15 digits, the most a structured field's Integer has
/// (RFC 9651 §3.3.1).
inline constexpr std::size_t cache_status_capacity = 36;

/// `gatehouse; hit; ttl=N`; N is in seconds, negative when stale, clamped to 15 digits.
inline std::string_view format_cache_status_hit(std::int64_t ttl,
                                                std::span<char, cache_status_capacity> out) noexcept
{
    constexpr std::int64_t max_integer = 999'999'999'999'999;
    constexpr std::string_view prefix = "gatehouse; hit; ttl=";
    static_assert(prefix.size() + 16 == cache_status_capacity);
    prefix.copy(out.data(), prefix.size());
    const auto end = std::to_chars(out.data() + prefix.size(), out.data() + out.size(),
                                   std::clamp(ttl, -max_integer, max_integer));
    return {out.data(), end.ptr};
}

}  // namespace gatehouse::http
