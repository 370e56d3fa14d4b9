// Header fields of requests and responses, the same in every version of nginx.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <algorithm>
#include <new>
#include <optional>
#include <span>
#include <string_view>

#include "ngx_module/glue/text.h"
#include "src/base/ascii.h"

namespace gatehouse::glue {

/// Adds a field to the response. Both views must live as long as the request; `name` ends with a
/// NUL.
inline ngx_table_elt_t& push_header(ngx_http_request_t& r, std::string_view name,
                                    std::string_view value)
{
    auto* field = static_cast<ngx_table_elt_t*>(ngx_list_push(&r.headers_out.headers));
    if (field == nullptr) {
        throw std::bad_alloc{};
    }
    field->hash = 1;
    field->key = lend(name);
    field->value = lend(value);
    field->lowcase_key = nullptr;
#if (nginx_version >= 1023000)
    field->next = nullptr;
#endif
    return *field;
}

/// Adds a WWW-Authenticate beside those that are there.
inline void push_www_authenticate(ngx_http_request_t& r, std::string_view value)
{
    auto& field = push_header(r, "WWW-Authenticate", value);
#if (nginx_version >= 1023000)
    field.next = r.headers_out.www_authenticate;
#endif
    r.headers_out.www_authenticate = &field;
}

/// Adds copies of fields that have been made before, in some 20 instructions and what a copy costs.
inline void push_headers(ngx_http_request_t& r, std::span<const ngx_table_elt_t> fields)
{
    auto& list = r.headers_out.headers;
    while (!fields.empty()) {
        auto* part = list.last;
        const auto count = std::min<std::size_t>(fields.size(), list.nalloc - part->nelts);
        if (count == 0) {
            push_header(r, view(fields[0].key), view(fields[0].value));
            fields = fields.subspan(1);
            continue;
        }
        auto* end = static_cast<ngx_table_elt_t*>(part->elts) + part->nelts;
        std::copy_n(fields.begin(), count, end);
        part->nelts += count;
        fields = fields.subspan(count);
    }
}

/// Whether the response has a field of this name, in lower case, with a value that is so.
template <class Is>
bool any_header_out(const ngx_http_request_t& r, std::string_view lower_name, const Is& is) noexcept
{
    for (const auto* part = &r.headers_out.headers.part; part != nullptr; part = part->next) {
        const std::span fields{static_cast<const ngx_table_elt_t*>(part->elts), part->nelts};
        for (const auto& field : fields) {
            if (field.hash != 0 && equals_ignoring_case(view(field.key), lower_name) &&
                is(view(field.value))) {
                return true;
            }
        }
    }
    return false;
}

/// Adds a Cache-Control that the directive `expires` and gzip_proxied know of.
void push_cache_control(ngx_http_request_t& r, std::string_view value);

/// The value of a field nginx keeps a pointer to, nothing if the request does not have it.
inline std::optional<std::string_view> value_of(const ngx_table_elt_t* field) noexcept
{
    return field == nullptr ? std::nullopt : std::optional{view(field->value)};
}

/// Of a list-valued field: empty if absent. Several lines make one list, but in nginx 1.22, which
/// keeps the first one only.
std::string_view accept(const ngx_http_request_t& r);
std::string_view accept_encoding(const ngx_http_request_t& r);

}  // namespace gatehouse::glue
