#include "ngx_module/glue/ngx.h"

#include "ngx_module/cors/fields.h"

#include <span>
#include <string>
#include <string_view>

#include "ngx_module/cors/conf.h"
#include "ngx_module/cors/question.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "src/base/ascii.h"
#include "src/http/vary.h"

namespace gatehouse::cors_feature {

namespace {

ngx_http_output_header_filter_pt next_header_filter;

constexpr http::VaryName vary_names[] = {
    {"Origin", "origin"},
    {"Access-Control-Request-Method", "access-control-request-method"},
    {"Access-Control-Request-Headers", "access-control-request-headers"},
};
constexpr std::string_view vary_of_preflights =
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

bool is_vary(const ngx_table_elt_t& field) noexcept
{
    return field.key.len == 4 && equals_ignoring_case(glue::view(field.key), "vary");
}

bool is_access_control(const ngx_table_elt_t& field) noexcept
{
    constexpr std::string_view prefix = "access-control-";
    return field.key.len > prefix.size() &&
           equals_ignoring_case(glue::view(field.key).substr(0, prefix.size()), prefix);
}

/// Takes away what the application says of CORS, with or without our consent. Returns the first
/// Vary, into which all others have gone, or nullptr.
ngx_table_elt_t* clear_fields(ngx_http_request_t& r)
{
    ngx_table_elt_t* vary = nullptr;
    for (auto* part = &r.headers_out.headers.part; part != nullptr; part = part->next) {
        auto* fields = static_cast<ngx_table_elt_t*>(part->elts);
        for (auto* field = fields; field != fields + part->nelts; ++field) {
            if (field->hash == 0) {
                continue;
            }
            if (is_access_control(*field)) {
                field->hash = 0;
            } else if (is_vary(*field) && vary == nullptr) {
                vary = field;
            } else if (is_vary(*field)) {
                const auto both = std::string{glue::view(vary->value)}.append(", ").append(
                    glue::view(field->value));
                vary->value = glue::lend(glue::Pool{r.pool}.copy(both));
                field->hash = 0;
            }
        }
    }
    return vary;
}

/// So that a cache does not give one origin what another one was answered.
void put_vary(ngx_http_request_t& r, ngx_table_elt_t* vary, bool preflight)
{
    if (vary == nullptr) {
        glue::push_header(r, "Vary", preflight ? vary_of_preflights : vary_names[0].text);
        return;
    }
    const auto names = std::span{vary_names}.first(preflight ? std::size(vary_names) : 1);
    const auto written = glue::view(vary->value);
    const auto missing = http::missing_in_vary(written, names);
    if (!missing.empty()) {
        const auto all = std::string{written}.append(written.empty() ? "" : ", ").append(missing);
        vary->value = glue::lend(glue::Pool{r.pool}.copy(all));
    }
}

void push_origin(ngx_http_request_t& r, const http::CorsRules& rules, std::string_view origin)
{
    glue::push_header(r, "Access-Control-Allow-Origin",
                      rules.origins.all() ? std::string_view{"*"} : origin);
    if (rules.credentials) {
        glue::push_header(r, "Access-Control-Allow-Credentials", "true");
    }
}

void push_grant(ngx_http_request_t& r, const Policy& policy, const Question& question)
{
    if (!question.method.once() || question.headers.lines > 1) {
        return;
    }
    const auto grant = http::grant(policy.rules, question.method.value, question.headers.value);
    if (!grant) {
        return;
    }
    push_origin(r, policy.rules, question.origin.value);
    glue::push_header(r, "Access-Control-Allow-Methods", grant->methods);
    if (!grant->headers.empty()) {
        glue::push_header(r, "Access-Control-Allow-Headers", grant->headers);
    }
    glue::push_header(r, "Access-Control-Max-Age", policy.max_age);
}

void write_fields(ngx_http_request_t& r)
{
    const auto* policy = &r == r.main ? policy_of(r) : nullptr;
    if (policy == nullptr) {
        return;
    }
    const auto question = read_question(r);
    const bool preflight = is_preflight(r, question);
    put_vary(r, clear_fields(r), preflight);
    // Two lines name no origin at all.
    if (!question.origin.once() || !policy->rules.origins.contains(question.origin.value)) {
        return;
    }
    if (preflight) {
        push_grant(r, *policy, question);
        return;
    }
    push_origin(r, policy->rules, question.origin.value);
    if (!policy->rules.exposed.empty()) {
        glue::push_header(r, "Access-Control-Expose-Headers", policy->rules.exposed);
    }
}

/// Closed: without these fields a browser keeps the answer from the page.
ngx_int_t header_filter(ngx_http_request_t* r) noexcept
{
    glue::attempt<write_fields>(r);
    return next_header_filter(r);
}

}  // namespace

void install_fields() noexcept
{
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
}

}  // namespace gatehouse::cors_feature
