// gate_check: peers of an upstream that the sidecar finds down are passed by. gate_upstreams: the
// content handler that shows them.
#include "ngx_module/glue/ngx.h"

#include <algorithm>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/metrics.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/own_facts.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/tick.h"
#include "ngx_module/upstream/answer.h"
#include "ngx_module/upstream/checked.h"
#include "ngx_module/upstream/directive.h"
#include "ngx_module/upstream/module.h"
#include "ngx_module/upstream/rotate.h"
#include "ngx_module/upstream/verdicts.h"
#include "src/upstream/rotation.h"

namespace gatehouse::upstream_feature {

namespace {

MainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MainConf*>(
        context->main_conf[ngx_http_gatehouse_upstream_module.ctx_index]);
}

ngx_int_t answer(ngx_http_request_t& r)
{
    if (const auto refused = glue::refuse_all_but_reading(r, "Upstreams are")) {
        return *refused;
    }
    return glue::send_text(r, "application/json", "no-store",
                           glue::Pool{r.pool}.make<std::string>(upstreams_json()));
}

char* set_upstreams(ngx_conf_t& cf, CheckConf& /*conf*/)
{
    return main_conf(cf).locations.take(cf, glue::handler<answer, NGX_HTTP_INTERNAL_SERVER_ERROR>);
}

ngx_command_t commands[] = {
    {ngx_string("gate_check"), NGX_HTTP_UPS_CONF | NGX_CONF_1MORE,
     glue::directive<CheckConf, set_check>, NGX_HTTP_SRV_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_upstreams"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
     glue::directive<CheckConf, set_upstreams>, NGX_HTTP_SRV_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MainConf>();
}

void* create_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<CheckConf>();
}

ngx_int_t postconfigure(ngx_conf_t& cf)
{
    take_verdicts(rotate);
    glue::add_collector(collect);
    glue::add_own_facts(write_own_facts);
    return require_zones(cf) == NGX_OK ? main_conf(cf).locations.check(cf) : NGX_ERROR;
}

void init_module(ngx_cycle_t& cycle)
{
    if (!ngx_test_config) {
        adopt_checked(cycle);
    }
}

bool any_slow_start()
{
    return std::any_of(checked().begin(), checked().end(),
                       [](const Checked& one) { return one.conf->slow_start_ms > 0; });
}

/// Slow starts go on, and verdicts lapse, with nobody telling.
void on_tick()
{
    static bool had_lapsed = false;
    const bool lapsed = verdicts_have_lapsed();
    if (any_slow_start() || lapsed != had_lapsed) {
        rotate();
    }
    had_lapsed = lapsed;
}

glue::Tick tick;

void init_process(ngx_cycle_t& cycle)
{
    if (!glue::serves_requests() || checked().empty()) {
        return;
    }
    if (any_slow_start()) {
        tick.start(cycle.log, on_tick, upstream::ramp_slot_ms);
    } else {
        tick.start(cycle.log, on_tick);
    }
}

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<postconfigure>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_srv_conf = glue::create<create_conf>,
});

}  // namespace

}  // namespace gatehouse::upstream_feature

ngx_module_t ngx_http_gatehouse_upstream_module = gatehouse::glue::module_of(
    gatehouse::upstream_feature::context, gatehouse::upstream_feature::commands,
    {.init_module = gatehouse::glue::start<gatehouse::upstream_feature::init_module>,
     .init_process = gatehouse::glue::start<gatehouse::upstream_feature::init_process>});
