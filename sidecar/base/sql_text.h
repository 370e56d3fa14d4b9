// Names and values as SQL text.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::sidecar {

namespace detail {

inline std::string enclosed(std::string_view text, char quote)
{
    std::string out(1, quote);
    for (const char c : text) {
        out.append(c == quote ? 2 : 1, c);
    }
    return out += quote;
}

}  // namespace detail

/// `it's` as `'it''s'`. REQUIRES: no NUL in the text.
inline std::string sql_literal(std::string_view text)
{
    return detail::enclosed(text, '\'');
}

/// `a "b"` as `"a ""b"""`. REQUIRES: no NUL in the text.
inline std::string sql_identifier(std::string_view name)
{
    return detail::enclosed(name, '"');
}

}  // namespace gatehouse::sidecar
