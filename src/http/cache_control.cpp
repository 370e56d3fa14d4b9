#include "src/http/cache_control.h"

#include <algorithm>
#include <initializer_list>

#include "src/base/ascii.h"

namespace gatehouse::http {

namespace {

/// Up to the next comma that is not in a quoted-string; takes it off.
std::string_view next_directive(std::string_view& list) noexcept
{
    bool quoted = false;
    std::size_t end = 0;
    for (; end < list.size() && (quoted || list[end] != ','); ++end) {
        if (quoted && list[end] == '\\') {
            ++end;
        } else if (list[end] == '"') {
            quoted = !quoted;
        }
    }
    end = std::min(end, list.size());
    const auto directive = trim_ows(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    return directive;
}

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> lower) noexcept
{
    return std::any_of(lower.begin(), lower.end(), [&](std::string_view candidate) {
        return equals_ignoring_case(name, candidate);
    });
}

}  // namespace

std::string private_cache_control(std::string_view value)
{
    std::string result = "private";
    for (auto rest = value; !rest.empty();) {
        const auto directive = next_directive(rest);
        if (is_any_of(directive, {"private", "no-store"})) {
            return std::string{value};
        }
        const auto name = directive.substr(0, directive.find('='));
        // `private` with field names restricts these alone.
        if (!name.empty() &&
            !is_any_of(name, {"public", "s-maxage", "proxy-revalidate", "private"})) {
            result.append(", ").append(directive);
        }
    }
    return result;
}

}  // namespace gatehouse::http
