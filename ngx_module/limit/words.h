// The NAME=VALUE words of a directive.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <string_view>

#include "ngx_module/glue/text.h"

namespace gatehouse::limit_feature {

/// The value of a word `NAME=VALUE`; nothing if it is another word.
inline std::optional<ngx_str_t> value_of(const ngx_str_t& word, std::string_view name) noexcept
{
    const auto text = glue::view(word);
    if (text.size() <= name.size() || !text.starts_with(name) || text[name.size()] != '=') {
        return std::nullopt;
    }
    return glue::lend(text.substr(name.size() + 1));
}

/// Digits alone.
inline std::optional<std::uint64_t> number(ngx_str_t text) noexcept
{
    const ngx_int_t value = ngx_atoi(text.data, text.len);
    return value == NGX_ERROR ? std::nullopt : std::optional{static_cast<std::uint64_t>(value)};
}

}  // namespace gatehouse::limit_feature
