#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/header.h"

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

}  // namespace

std::string_view accept(const ngx_http_request_t& r) noexcept
{
#if (NGX_HTTP_HEADERS)
    return value_of(r.headers_in.accept).value_or(std::string_view{});
#else
    return value_of(find_field(r, "accept")).value_or(std::string_view{});
#endif
}

std::string_view accept_encoding(const ngx_http_request_t& r) noexcept
{
#if (NGX_HTTP_GZIP || NGX_HTTP_HEADERS)
    return value_of(r.headers_in.accept_encoding).value_or(std::string_view{});
#else
    return value_of(find_field(r, "accept-encoding")).value_or(std::string_view{});
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
