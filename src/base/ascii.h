// Characters of HTTP's fields, whatever the locale (RFC 9110 §5.6).
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse {

constexpr bool is_ows(char c) noexcept
{
    return c == ' ' || c == '\t';
}

constexpr std::string_view trim_ows_at_end(std::string_view text) noexcept
{
    while (!text.empty() && is_ows(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

constexpr std::string_view trim_ows(std::string_view text) noexcept
{
    while (!text.empty() && is_ows(text.front())) {
        text.remove_prefix(1);
    }
    return trim_ows_at_end(text);
}

constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

constexpr char to_lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// ASCII only. REQUIRES: `lower` has no upper-case letter.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept
{
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != lower[i] && to_lower(text[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace gatehouse
