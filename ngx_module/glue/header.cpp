#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/header.h"

#include <string>

#include "ngx_module/glue/pool.h"

namespace gatehouse::glue {

namespace {

#if !(NGX_HTTP_HEADERS)
/// For an nginx built without the modules that make it remember these fields.
const ngx_table_elt_t* find_field(const ngx_http_request_t& r, std::string_view lower) noexcept
{
    for (const auto* part = &r.headers_in.headers.part; part != nullptr; part = part->next) {
        const auto* fields = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            const auto& field = fields[i];
            if (field.key.len == lower.size() &&
                lower == std::string_view{reinterpret_cast<const char*>(field.lowcase_key),
                                          field.key.len}) {
                return &field;
            }
        }
    }
    return nullptr;
}
#endif

/// The lines of one field as one list.
std::string_view joined(const ngx_http_request_t& r, const ngx_table_elt_t* field)
{
    if (field == nullptr) {
        return {};
    }
#if (nginx_version >= 1023000)
    if (field->next != nullptr) {
        std::string list;
        for (const auto* line = field; line != nullptr; line = line->next) {
            list.append(list.empty() ? "" : ", ").append(view(line->value));
        }
        return Pool{r.pool}.copy(list);
    }
#else
    (void)r;
#endif
    return view(field->value);
}

}  // namespace

std::string_view accept(const ngx_http_request_t& r)
{
#if (NGX_HTTP_HEADERS)
    return joined(r, r.headers_in.accept);
#else
    return joined(r, find_field(r, "accept"));
#endif
}

std::string_view accept_encoding(const ngx_http_request_t& r)
{
#if (NGX_HTTP_GZIP || NGX_HTTP_HEADERS)
    return joined(r, r.headers_in.accept_encoding);
#else
    return joined(r, find_field(r, "accept-encoding"));
#endif
}

void push_cache_control(ngx_http_request_t& r, std::string_view value)
{
    auto& field = push_header(r, "Cache-Control", value);
#if (nginx_version >= 1023000)
    r.headers_out.cache_control = &field;
#else
    auto& known = r.headers_out.cache_control;
    if (known.elts == nullptr &&
        ngx_array_init(&known, r.pool, 1, sizeof(ngx_table_elt_t*)) != NGX_OK) {
        throw std::bad_alloc{};
    }
    auto* slot = static_cast<ngx_table_elt_t**>(ngx_array_push(&known));
    if (slot == nullptr) {
        throw std::bad_alloc{};
    }
    *slot = &field;
#endif
}

}  // namespace gatehouse::glue
