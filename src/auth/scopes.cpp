#include "src/auth/scopes.h"

#include <algorithm>
#include <vector>

namespace gatehouse::auth {

namespace {

constexpr bool is_scope_character(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
           c == '.' || c == '_' || c == '/' || c == '-';
}

Error not_a_scope(std::string_view name)
{
    if (name == "*") {
        return Error{"\"*\" is no scope: name each one; nothing stands for all"};
    }
    constexpr std::string_view rule = "a scope is 1 to 64 of A-Z a-z 0-9 : . _ / -";
    if (name.size() > longest_scope) {
        return Error{"the scope that begins with \"" + std::string{name.substr(0, 16)} + "\" has " +
                     std::to_string(name.size()) + " characters; " + std::string{rule}};
    }
    return Error{"\"" + std::string{name} + "\" is no scope; " + std::string{rule}};
}

}  // namespace

bool is_scope(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= longest_scope &&
           std::all_of(text.begin(), text.end(), is_scope_character);
}

Result<std::string> join_scopes(std::span<const std::string> names)
{
    if (names.size() > most_scopes) {
        return Error{std::to_string(names.size()) + " scopes; a token has at most " +
                     std::to_string(most_scopes)};
    }
    std::vector<std::string_view> sorted(names.begin(), names.end());
    std::sort(sorted.begin(), sorted.end());
    std::string joined;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (!is_scope(sorted[i])) {
            return not_a_scope(sorted[i]);
        }
        if (i > 0 && sorted[i] == sorted[i - 1]) {
            return Error{"the scope \"" + std::string{sorted[i]} + "\" is given twice"};
        }
        joined.append(i > 0 ? " " : "").append(sorted[i]);
    }
    return joined;
}

bool has_scope(std::string_view scopes, std::string_view name) noexcept
{
    while (!scopes.empty()) {
        const auto end = std::min(scopes.find(' '), scopes.size());
        if (scopes.substr(0, end) == name) {
            return !name.empty();
        }
        scopes.remove_prefix(std::min(end + 1, scopes.size()));
    }
    return false;
}

}  // namespace gatehouse::auth
