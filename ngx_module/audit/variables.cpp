#include "ngx_module/glue/ngx.h"

#include "ngx_module/audit/variables.h"

#include <algorithm>
#include <optional>
#include <span>

#include "ngx_module/glue/last_decision.h"
#include "ngx_module/glue/variable.h"

namespace gatehouse::audit_feature {

namespace {

using Text = std::optional<std::string_view>;

constexpr std::string_view decision_name = "gate_decision";
constexpr std::string_view reason_name = "gate_reason";

Text decision(ngx_http_request_t& r)
{
    const auto* last = glue::last_decision(r);
    return last == nullptr ? Text{} : telemetry::name_of(last->outcome, telemetry::outcome_names);
}

Text reason(ngx_http_request_t& r)
{
    const auto* last = glue::last_decision(r);
    return last == nullptr ? Text{} : telemetry::name_of(last->reason, telemetry::reason_names);
}

}  // namespace

ngx_int_t add_variables(ngx_conf_t& cf)
{
    // Not to be remembered: later guards may decide otherwise.
    constexpr glue::Variable variables[] = {
        {decision_name, glue::variable<decision>, NGX_HTTP_VAR_NOCACHEABLE},
        {reason_name, glue::variable<reason>, NGX_HTTP_VAR_NOCACHEABLE},
    };
    return glue::add_variables(cf, variables);
}

bool variables_are_used(const ngx_cycle_t& cycle) noexcept
{
    const auto* core = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_core_module));
    if (core == nullptr) {
        return false;
    }
    const std::span all{static_cast<const ngx_http_variable_t*>(core->variables.elts),
                        core->variables.nelts};
    return std::any_of(all.begin(), all.end(), [](const ngx_http_variable_t& one) {
        const auto name = glue::view(one.name);
        return name == decision_name || name == reason_name;
    });
}

}  // namespace gatehouse::audit_feature
