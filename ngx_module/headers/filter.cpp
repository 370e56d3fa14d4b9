#include "ngx_module/glue/ngx.h"

#include "ngx_module/headers/filter.h"

#include <cstring>
#include <string_view>

#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/location_trail.h"
#include "ngx_module/glue/log_throttle.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/headers/conf.h"
#include "ngx_module/headers/module.h"

namespace gatehouse::headers_feature {

namespace {

ngx_http_output_header_filter_pt next_header_filter;

/// What the application, or add_header, says under our names.
void remove_others(ngx_http_request_t& r, const Plan& plan) noexcept
{
    for (auto* part = &r.headers_out.headers.part; part != nullptr; part = part->next) {
        auto* fields = static_cast<ngx_table_elt_t*>(part->elts);
        for (auto* field = fields; field != fields + part->nelts; ++field) {
            if (plan.claims(glue::view(field->key))) {
                field->hash = 0;
            }
        }
    }
}

bool splits_header(std::string_view value) noexcept
{
    const auto has = [&](char c) { return std::memchr(value.data(), c, value.size()) != nullptr; };
    return has('\n') || has('\r') || has('\0');
}

void log_split(const ngx_http_request_t& r, std::string_view name) noexcept
{
    static glue::LogThrottle lines;
    if (const auto unsaid = lines.ask()) {
        ngx_str_t field = glue::lend(name);
        ngx_log_error(NGX_LOG_ERR, r.connection->log, 0,
                      "gatehouse: \"gate_header %V\" is left out, its value has a line break in it "
                      "(%uL more since the last line)",
                      &field, *unsaid);
    }
}

/// nullptr: there is nothing to send.
ngx_table_elt_t* push_computed(ngx_http_request_t& r, const ComputedField& field)
{
    // A client that gets a 304 keeps the body it has, and with it that body's nonce.
    if (field.value.has_nonce() && r.headers_out.status == NGX_HTTP_NOT_MODIFIED) {
        return nullptr;
    }
    const auto value = field.value.evaluate(r);
    if (value.empty()) {
        return nullptr;
    }
    if (field.value.is_foreign() && splits_header(value)) {
        log_split(r, field.name);
        return nullptr;
    }
    return &glue::push_header(r, field.name, value);
}

/// nginx writes a Server of its own where headers_out has none; one that is not sent counts.
void put_server(ngx_http_request_t& r, const Plan& plan)
{
    if (plan.server()) {
        r.headers_out.server = push_computed(r, *plan.server());
    } else if (plan.removes_server()) {
        auto& none = glue::push_header(r, "Server", "");
        none.hash = 0;
        r.headers_out.server = &none;
    }
}

bool is_tls(const ngx_http_request_t& r) noexcept
{
#if (NGX_SSL)
    return r.connection->ssl != nullptr;
#else
    (void)r;
    return false;
#endif
}

void write_fields(ngx_http_request_t& r)
{
    const auto* plan = &r != r.main ? nullptr
                                    : glue::setting_of_answer(r, ngx_http_gatehouse_headers_module,
                                                              &HeadersConf::plan);
    if (plan == nullptr || plan->empty()) {
        return;
    }
    remove_others(r, *plan);
    glue::push_headers(r, plan->constant());
    put_server(r, *plan);
    if (plan->transport() && is_tls(r)) {
        push_computed(r, *plan->transport());
    }
    for (const auto& field : plan->computed()) {
        push_computed(r, field);
    }
}

/// The others of a response's fields are sent whatever happens to one.
ngx_int_t header_filter(ngx_http_request_t* r) noexcept
{
    glue::attempt<write_fields>(r);
    return next_header_filter(r);
}

}  // namespace

void install_filter() noexcept
{
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
}

}  // namespace gatehouse::headers_feature
