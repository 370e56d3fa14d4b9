#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/variables.h"

#include <array>
#include <optional>
#include <string>

#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/variable.h"
#include "ngx_module/limit/directives.h"
#include "ngx_module/limit/request.h"
#include "src/limit/fields.h"

namespace gatehouse::limit_feature {

namespace {

using Text = std::optional<std::string_view>;

constexpr std::array<std::string_view, 5> status_names{"PASSED", "DELAYED", "REJECTED",
                                                       "DELAYED_DRY_RUN", "REJECTED_DRY_RUN"};

RequestState* state_of(ngx_http_request_t& r) noexcept
{
    return RequestState::find(*r.main);
}

Text status(ngx_http_request_t& r)
{
    auto* state = state_of(r);
    return state == nullptr ? Text{} : status_names[static_cast<std::size_t>(state->status)];
}

Text zone(ngx_http_request_t& r)
{
    auto* state = state_of(r);
    return state == nullptr ? Text{} : state->tightest().applied->rule->zone->name;
}

Text window(ngx_http_request_t& r)
{
    auto* state = state_of(r);
    return state == nullptr ? Text{} : state->tightest().charge->window->name;
}

/// A number of the tightest window.
template <std::uint64_t (*Value)(const limit::Outcome&)>
Text number(ngx_http_request_t& r)
{
    auto* state = state_of(r);
    if (state == nullptr) {
        return std::nullopt;
    }
    return glue::Pool{r.pool}.copy(std::to_string(Value(state->tightest().outcome)));
}

std::uint64_t remaining(const limit::Outcome& outcome)
{
    return outcome.remaining;
}

std::uint64_t reset_s(const limit::Outcome& outcome)
{
    return seconds_up(outcome.reset);
}

Text retry_after(ngx_http_request_t& r)
{
    auto* state = state_of(r);
    if (state == nullptr || state->tightest().outcome.admitted) {
        return std::nullopt;
    }
    return glue::Pool{r.pool}.copy(std::to_string(limit::retry_after_s(state->tightest().outcome)));
}

}  // namespace

ngx_int_t add_limit_variables(ngx_conf_t& cf)
{
    if (main_conf(cf).request_state.reserve(cf, "gate_limit state") != NGX_OK) {
        return NGX_ERROR;
    }
    // Not to be remembered: each stage may change them.
    constexpr glue::Variable variables[] = {
        {"gate_limit_status", glue::variable<status>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_limit_zone", glue::variable<zone>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_limit_window", glue::variable<window>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_limit_remaining", glue::variable<number<remaining>>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_limit_reset", glue::variable<number<reset_s>>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_limit_retry_after", glue::variable<retry_after>, NGX_HTTP_VAR_NOCACHEABLE},
    };
    return glue::add_variables(cf, variables);
}

}  // namespace gatehouse::limit_feature
