// Tokens and lists of them (RFC 9110 §5.6.1 and §5.6.2).
#pragma once

#include <algorithm>
#include <string_view>

#include "src/base/ascii.h"

namespace gatehouse::http {

constexpr bool is_token_char(char c) noexcept
{
    const char lower = to_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'z') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

constexpr bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

/// Takes the first member off the front of a comma-separated list, and its comma.
constexpr std::string_view take_member(std::string_view& list) noexcept
{
    const auto comma = list.find(',');
    const auto member = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    return trim_ows(member);
}

/// Whether the list has this member, in whatever case. REQUIRES: `lower` has no upper-case letter.
constexpr bool has_member(std::string_view list, std::string_view lower) noexcept
{
    while (!list.empty()) {
        if (equals_ignoring_case(take_member(list), lower)) {
            return true;
        }
    }
    return false;
}

}  // namespace gatehouse::http
