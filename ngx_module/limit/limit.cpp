// Limits: rates and quotas. Their part in nginx's start, in its phases, and in a worker's life.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/metrics.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/tick.h"
#include "ngx_module/limit/directives.h"
#include "ngx_module/limit/explain.h"
#include "ngx_module/limit/log.h"
#include "ngx_module/limit/module.h"
#include "ngx_module/limit/registry.h"
#include "ngx_module/limit/response_fields.h"
#include "ngx_module/limit/rule_directive.h"
#include "ngx_module/limit/share.h"
#include "ngx_module/limit/stage.h"
#include "ngx_module/limit/variables.h"

namespace gatehouse::limit_feature {

namespace {

const MainConf* conf_in_force = nullptr;
glue::Tick tick;

// A broken limiter lets requests in: every handler of this feature fails open.

template <Stage Which>
ngx_int_t add_stage(ngx_conf_t& cf, ngx_http_phases phase)
{
    if (!main_conf(cf).any([](const Rule& rule) { return rule.stage == Which; })) {
        return NGX_OK;
    }
    return glue::on_phase(cf, phase, glue::handler<check_limits<Which>, NGX_DECLINED>);
}

ngx_int_t add_log_handler(ngx_conf_t& cf)
{
    if (!main_conf(cf).any([](const Rule& rule) { return rule.count == Count::status; })) {
        return NGX_OK;
    }
    return glue::on_phase(cf, NGX_HTTP_LOG_PHASE, glue::handler<count_by_status, NGX_OK>);
}

ngx_int_t add_early_handlers(ngx_conf_t& cf)
{
    auto& conf = main_conf(cf);
    explain_limits_when_asked();
    const bool added = glue::prepare_refusals(cf) == NGX_OK && resolve_rules(cf, conf) == NGX_OK &&
                       open_zones(cf, conf) == NGX_OK &&
                       add_stage<Stage::client>(cf, NGX_HTTP_PREACCESS_PHASE) == NGX_OK &&
                       add_stage<Stage::miss>(cf, NGX_HTTP_PRECONTENT_PHASE) == NGX_OK &&
                       add_log_handler(cf) == NGX_OK;
    return added ? NGX_OK : NGX_ERROR;
}

ngx_int_t add_late_handlers(ngx_conf_t& cf)
{
    if (!main_conf(cf).rules.empty()) {
        install_response_fields();
    }
    return add_stage<Stage::identity>(cf, NGX_HTTP_PRECONTENT_PHASE);
}

/// A scrape must be short: the entries of a large zone are estimated from a thousand of its cells.
std::uint64_t entries_of(const limit::Zone& zone) noexcept
{
    constexpr std::size_t counted_up_to = 1 << 15;
    constexpr std::size_t sample = 1024;
    return zone.entries(zone.now(ngx_current_msec).ticks,
                        zone.capacity() <= counted_up_to ? counted_up_to : sample);
}

void collect(telemetry::Exposition& out)
{
    if (conf_in_force == nullptr) {
        return;
    }
    out.begin(telemetry::metrics::limit_zone_entries);
    for (const auto& zone : conf_in_force->zones) {
        out.sample({{"zone", zone->name}}, entries_of(*zone->zone));
    }
    out.begin(telemetry::metrics::limit_zone_size);
    for (const auto& zone : conf_in_force->zones) {
        out.sample({{"zone", zone->name}}, std::uint64_t{zone->bytes});
    }
}

void init_module(ngx_cycle_t& cycle)
{
    auto* conf = static_cast<MainConf*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_gatehouse_limit_module));
    conf_in_force = conf;
    if (conf == nullptr || ngx_test_config) {
        return;
    }
    for (const auto& zone : conf->zones) {
        zone->telemetry = glue::limit_zone_index(zone->name);
    }
    glue::add_collector(collect);
    share_zones(*conf, *cycle.log);
    // Without a master, requests of the configuration before still use their zones.
    if (ngx_process != NGX_PROCESS_SINGLE) {
        forget_other_zones(*conf);
    }
}

void on_tick()
{
    const limit::Clocks clocks{
        .monotonic_ms = ngx_current_msec, .unix_ms = glue::now_ms(), .boot_id = {}};
    for (const auto& zone : conf_in_force->zones) {
        log_overdue(*zone);
        zone->zone->beat(clocks);
    }
}

void init_process(ngx_cycle_t& cycle)
{
    if (ngx_process != NGX_PROCESS_SINGLE) {
        leave_claims_to_master();
    }
    if (glue::serves_requests() && conf_in_force != nullptr && !conf_in_force->zones.empty()) {
        tick.start(cycle.log, on_tick);
    }
}

void exit_process(ngx_cycle_t* /*cycle*/) noexcept
{
    if (conf_in_force != nullptr) {
        for (const auto& zone : conf_in_force->zones) {
            log_rest(*zone);
        }
    }
}

ngx_http_module_t early_context = glue::context_of({
    .preconfiguration = glue::configure<add_limit_variables>,
    .postconfiguration = glue::configure<add_early_handlers>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_location_conf>,
    .merge_loc_conf = glue::merge<LimitConf, merge_location_conf>,
});

ngx_http_module_t late_context = glue::context_of({
    .postconfiguration = glue::configure<add_late_handlers>,
});

}  // namespace

}  // namespace gatehouse::limit_feature

ngx_module_t ngx_http_gatehouse_limit_module = gatehouse::glue::module_of(
    gatehouse::limit_feature::early_context, gatehouse::limit_feature::commands,
    {.init_module = gatehouse::glue::start<gatehouse::limit_feature::init_module>,
     .init_process = gatehouse::glue::start<gatehouse::limit_feature::init_process>,
     .exit_process = gatehouse::limit_feature::exit_process});

ngx_module_t ngx_http_gatehouse_limit_late_module = gatehouse::glue::module_of(
    gatehouse::limit_feature::late_context, nullptr);  // directives: those of the early one
