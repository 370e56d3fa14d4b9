// A cursor is base64url of `+LENGTH:TEXT` for each value, `-` for NULL. It holds values of the rows
// and nothing else, so it needs no signature: whoever makes one up asks for rows that a filter
// could ask for.
#include <charconv>

#include "sidecar/on_demand/options.h"
#include "src/auth/base64url.h"

namespace gatehouse::on_demand {

namespace {

/// Takes `LENGTH:TEXT` off the front.
std::optional<std::string> take_text(std::string_view& rest)
{
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
    const auto digits = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc{} || digits >= rest.size() || rest[digits] != ':') {
        return std::nullopt;
    }
    rest.remove_prefix(digits + 1);
    if (length > rest.size()) {
        return std::nullopt;
    }
    std::string text{rest.substr(0, length)};
    rest.remove_prefix(length);
    return text;
}

}  // namespace

std::string cursor_text(const CursorValues& values)
{
    std::string plain;
    for (const auto& value : values) {
        plain += value ? '+' + std::to_string(value->size()) + ':' + *value : "-";
    }
    std::string encoded;
    auth::append_base64url(encoded, plain);
    return encoded;
}

std::optional<CursorValues> cursor_values(std::string_view cursor)
{
    const auto plain = auth::base64url_decode(cursor);
    if (!plain) {
        return std::nullopt;
    }
    CursorValues values;
    std::string_view rest = *plain;
    while (!rest.empty() && values.size() <= most_sort_keys) {
        const char sign = rest.front();
        rest.remove_prefix(1);
        auto text = sign == '+' ? take_text(rest) : std::nullopt;
        if (!text && sign != '-') {
            return std::nullopt;
        }
        values.push_back(std::move(text));
    }
    return rest.empty() ? std::optional{std::move(values)} : std::nullopt;
}

}  // namespace gatehouse::on_demand
