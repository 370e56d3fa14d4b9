#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/response_fields.h"

#include <array>
#include <charconv>

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/limit/module.h"
#include "ngx_module/limit/request.h"
#include "ngx_module/limit/verdict.h"
#include "src/base/ascii.h"
#include "src/limit/fields.h"

namespace gatehouse::limit_feature {

namespace {

ngx_http_output_header_filter_pt next_header_filter;

constexpr std::array<std::string_view, 6> own_fields{"ratelimit",         "ratelimit-policy",
                                                     "x-ratelimit-limit", "x-ratelimit-remaining",
                                                     "x-ratelimit-reset", "retry-after"};

/// What the app says of its own limits would contradict ours.
void remove_from_app(ngx_http_request_t& r, bool also_retry_after)
{
    const std::size_t count = own_fields.size() - (also_retry_after ? 0 : 1);
    for (auto* part = &r.headers_out.headers.part; part != nullptr; part = part->next) {
        auto* fields = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            for (std::size_t own = 0; own < count; ++own) {
                if (equals_ignoring_case(glue::view(fields[i].key), own_fields[own])) {
                    fields[i].hash = 0;
                }
            }
        }
    }
}

std::string_view number(ngx_http_request_t& r, std::uint64_t value)
{
    const auto text = glue::Pool{r.pool}.make_array<char>(20);
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), static_cast<std::size_t>(end - text.data())};
}

/// One plan's text is there already; several are joined.
std::string_view policies(ngx_http_request_t& r, const RequestState& state)
{
    std::string_view only;
    std::string list;
    state.for_each_applied([&](const Applied& one) {
        if (only.empty()) {
            only = one.plan->policy;
            return;
        }
        if (list.empty()) {
            list = only;
        }
        list.append(", ").append(one.plan->policy);
    });
    return list.empty() ? only : glue::Pool{r.pool}.copy(list);
}

void push_ietf(ngx_http_request_t& r, const RequestState& state, const Tightest& tightest)
{
    const auto& window = *tightest.charge->window;
    const auto room = limit::rate_limit_capacity(window.name);
    char* const end = glue::Pool{r.pool}.allocate(room) + room;
    const char* begin = limit::write_rate_limit(end, window, tightest.outcome);
    glue::push_header(r, "RateLimit-Policy", policies(r, state));
    glue::push_header(r, "RateLimit", {begin, static_cast<std::size_t>(end - begin)});
}

/// As flask-limiter has them: Reset is a Unix time.
void push_legacy(ngx_http_request_t& r, const Tightest& tightest)
{
    const auto& outcome = tightest.outcome;
    const auto wait = outcome.admitted ? outcome.reset : outcome.retry;
    const auto now_s = static_cast<std::uint64_t>(glue::now_ms() / 1000);
    glue::push_header(r, "X-RateLimit-Limit", number(r, tightest.charge->window->amount));
    glue::push_header(r, "X-RateLimit-Remaining", number(r, outcome.remaining));
    glue::push_header(r, "X-RateLimit-Reset", number(r, now_s + seconds_up(wait)));
}

void push_fields(ngx_http_request_t& r)
{
    if (&r != r.main) {
        return;
    }
    auto* state = RequestState::find(r);
    if (state == nullptr) {
        return;
    }
    if (state->awaits_status && !state->refused) {
        charge_by_status(*state, r.headers_out.status);
    }
    const auto style = glue::location_conf<LimitConf>(r, ngx_http_gatehouse_limit_module).headers;
    if (r.upstream != nullptr && style != HeaderStyle::off) {
        remove_from_app(r, state->refused);
    }
    if (style == HeaderStyle::ietf || style == HeaderStyle::both) {
        push_ietf(r, *state, state->tightest());
    }
    if (style == HeaderStyle::legacy || style == HeaderStyle::both) {
        push_legacy(r, state->tightest());
    }
    if (state->refused) {
        glue::push_header(r, "Retry-After",
                          number(r, limit::retry_after_s(state->tightest().outcome)));
    }
}

ngx_int_t header_filter(ngx_http_request_t* r) noexcept
{
    glue::attempt<push_fields>(r);
    return next_header_filter(r);
}

}  // namespace

void install_response_fields() noexcept
{
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
}

}  // namespace gatehouse::limit_feature
