// The audit log: gate_audit. Its part in nginx's start and in its phases; the sidecar writes the
// file.
#include "ngx_module/glue/ngx.h"

#include <algorithm>
#include <span>

#include "ngx_module/audit/conf.h"
#include "ngx_module/audit/record.h"
#include "ngx_module/audit/rings.h"
#include "ngx_module/audit/variables.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/hello.h"
#include "ngx_module/glue/metrics.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::audit_feature {

namespace {

MainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MainConf*>(context->main_conf[ngx_http_gatehouse_audit_module.ctx_index]);
}

char* set_audit(ngx_conf_t& cf, AuditConf& conf)
{
    if (conf.level) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    if (glue::view(word) == "on") {
        conf.level = AuditLevel::on;
    } else if (glue::view(word) == "denied") {
        conf.level = AuditLevel::denied;
    } else if (glue::view(word) == "off") {
        conf.level = AuditLevel::off;
    } else {
        return glue::refuse_value(cf, word, "\"on\", \"denied\" or \"off\"");
    }
    main_conf(cf).in_use = main_conf(cf).in_use || conf.level != AuditLevel::off;
    return glue::accepted;
}

ngx_command_t commands[] = {
    {ngx_string("gate_audit"), glue::http_levels | NGX_CONF_TAKE1,
     glue::directive<AuditConf, set_audit>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MainConf>();
}

void* create_location_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<AuditConf>();
}

void merge_location_conf(ngx_conf_t& /*cf*/, const AuditConf& outer, AuditConf& inner)
{
    if (!inner.level) {
        inner.level = outer.level.value_or(AuditLevel::off);
    }
}

AuditLevel level_of(const ngx_http_request_t& r) noexcept
{
    return glue::location_conf<AuditConf>(r, ngx_http_gatehouse_audit_module)
        .level.value_or(AuditLevel::off);
}

/// A variable that does not exist must not be asked for: nginx would refuse to start.
bool has_variable(ngx_conf_t& cf, std::string_view name) noexcept
{
    const auto* core = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_conf_get_module_main_conf((&cf), ngx_http_core_module));
    const std::span keys{static_cast<const ngx_hash_key_t*>(core->variables_keys->keys.elts),
                         core->variables_keys->keys.nelts};
    return std::any_of(keys.begin(), keys.end(),
                       [&](const ngx_hash_key_t& one) { return glue::view(one.key) == name; });
}

ngx_int_t postconfigure(ngx_conf_t& cf)
{
    auto& conf = main_conf(cf);
    if (!conf.in_use) {
        return NGX_OK;
    }
    constexpr std::string_view country = "gate_country";
    if (has_variable(cf, country)) {
        ngx_str_t name = glue::lend(country);
        conf.country_index = ngx_http_get_variable_index(&cf, &name);
    }
    // Telling of a request must not stop it.
    const bool added =
        glue::prepare_refusals(cf) == NGX_OK &&
        glue::on_phase(cf, NGX_HTTP_LOG_PHASE, glue::handler<record, NGX_OK>) == NGX_OK;
    return added ? NGX_OK : NGX_ERROR;
}

/// Of the configuration that this process runs under.
bool is_collected = false;

void collect(telemetry::Exposition& out)
{
    if (is_collected) {
        out.begin(telemetry::metrics::audit_decisions);
        out.sample({}, decisions_written());
        out.begin(telemetry::metrics::audit_dropped);
        out.sample({}, glue::audit_dropped());
    }
}

/// In the master, before it forks; telemetry has made the slots.
void init_module(ngx_cycle_t& cycle)
{
    const auto* conf = static_cast<const MainConf*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_gatehouse_audit_module));
    const bool in_use = conf != nullptr && conf->in_use;
    if (ngx_test_config) {
        return;
    }
    glue::set_decision_readers(
        {.variables = variables_are_used(cycle), .audit = in_use ? level_of : nullptr});
    is_collected = in_use;
    if (in_use) {
        make_rings(cycle);
        glue::add_collector(collect);
    }
    glue::share_region("audit", in_use ? rings_descriptor() : -1);
}

ngx_http_module_t context = glue::context_of({
    .preconfiguration = glue::configure<add_variables>,
    .postconfiguration = glue::configure<postconfigure>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_location_conf>,
    .merge_loc_conf = glue::merge<AuditConf, merge_location_conf>,
});

}  // namespace

}  // namespace gatehouse::audit_feature

ngx_module_t ngx_http_gatehouse_audit_module = gatehouse::glue::module_of(
    gatehouse::audit_feature::context, gatehouse::audit_feature::commands,
    {.init_module = gatehouse::glue::start<gatehouse::audit_feature::init_module>});
