// Variables of ours: one row each, and a function that yields the value.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <span>
#include <string_view>

#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::glue {

/// Gives a variable's value to nginx; nothing: it is not found, and empty in a string.
template <auto Get>
void set_value(ngx_http_request_t& r, ngx_http_variable_value_t& value)
{
    const std::optional<std::string_view> text = Get(r);
    value.valid = text.has_value() ? 1 : 0;
    value.not_found = text.has_value() ? 0 : 1;
    value.no_cacheable = 0;
    if (text) {
        value.len = static_cast<unsigned>(text->size());
        value.data = lend(*text).data;
    }
}

/// The handler of a variable whose value is `std::optional<std::string_view>
/// Get(ngx_http_request_t&)`. The text must live as long as the request.
template <auto Get>
inline constexpr ngx_http_get_variable_pt variable = evaluate<set_value<Get>>;

struct Variable {
    std::string_view name;
    ngx_http_get_variable_pt get;
    ngx_uint_t flags = 0;
};

/// To be called from preconfiguration.
inline ngx_int_t add_variables(ngx_conf_t& cf, std::span<const Variable> variables) noexcept
{
    for (const auto& row : variables) {
        ngx_str_t name = lend(row.name);
        auto* added = ngx_http_add_variable(&cf, &name, row.flags);
        if (added == nullptr) {
            return NGX_ERROR;
        }
        added->get_handler = row.get;
    }
    return NGX_OK;
}

}  // namespace gatehouse::glue
