// Connection caps: how many requests of a key are served at once. Their part in nginx's start, in
// its phases, and in a worker's life.
#include "ngx_module/glue/ngx.h"

#include <array>
#include <optional>

#include "ngx_module/conn/directives.h"
#include "ngx_module/conn/explain.h"
#include "ngx_module/conn/guard.h"
#include "ngx_module/conn/module.h"
#include "ngx_module/conn/refuse.h"
#include "ngx_module/conn/registry.h"
#include "ngx_module/conn/request.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/tick.h"
#include "ngx_module/glue/variable.h"

namespace gatehouse::conn_feature {

namespace {

const MainConf* conf_in_force = nullptr;
glue::Tick tick;

ngx_http_output_header_filter_pt next_header_filter;

std::optional<std::string_view> status(ngx_http_request_t& r)
{
    constexpr std::array<std::string_view, 3> names{"PASSED", "REJECTED", "REJECTED_DRY_RUN"};
    const auto* state = RequestState::find(*r.main);
    return state == nullptr ? std::nullopt
                            : std::optional{names[static_cast<std::size_t>(state->status)]};
}

ngx_int_t add_variables(ngx_conf_t& cf)
{
    constexpr glue::Variable variables[] = {
        {"gate_conn_status", glue::variable<status>, NGX_HTTP_VAR_NOCACHEABLE},
    };
    return glue::add_variables(cf, variables);
}

ngx_int_t add_guard(ngx_conf_t& cf)
{
    auto& conf = main_conf(cf);
    if (resolve_rules(cf, conf) != NGX_OK || check_zones(cf, conf) != NGX_OK ||
        glue::prepare_refusals(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    glue::on_explain(glue::ExplainStop::conn, explain_caps);
    // A broken cap lets requests in.
    return conf.rules.empty() ? NGX_OK
                              : glue::on_phase(cf, NGX_HTTP_PREACCESS_PHASE,
                                               glue::handler<check_caps, NGX_DECLINED>);
}

ngx_int_t filter_header(ngx_http_request_t* r) noexcept
{
    if (r == r->main) {
        glue::attempt<settle_claim>(r);
    }
    return next_header_filter(r);
}

/// Whether anything depends on what a request turns out to be.
bool has_classes(const MainConf& conf) noexcept
{
    return std::any_of(conf.rules.begin(), conf.rules.end(), [](const auto* rules) {
        return std::any_of(rules->begin(), rules->end(),
                           [](const Rule& rule) { return rule.of != conn::Class::any; });
    });
}

ngx_int_t add_filter(ngx_conf_t& cf)
{
    if (has_classes(main_conf(cf))) {
        next_header_filter = ngx_http_top_header_filter;
        ngx_http_top_header_filter = filter_header;
    }
    return NGX_OK;
}

void init_module(ngx_cycle_t& cycle)
{
    auto* conf = static_cast<MainConf*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_gatehouse_conn_module));
    conf_in_force = conf;
    if (conf != nullptr && !ngx_test_config) {
        open_zones(cycle, *conf);
    }
}

void on_tick()
{
    for (const auto& zone : conf_in_force->zones) {
        log_overdue(*zone);
    }
}

void init_process(ngx_cycle_t& cycle)
{
    if (glue::serves_requests() && conf_in_force != nullptr && !conf_in_force->zones.empty()) {
        tick.start(cycle.log, on_tick);
    }
}

ngx_http_module_t context = glue::context_of({
    .preconfiguration = glue::configure<add_variables>,
    .postconfiguration = glue::configure<add_guard>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_location_conf>,
    .merge_loc_conf = merge_location_conf,
});

ngx_http_module_t late_context = glue::context_of({
    .postconfiguration = glue::configure<add_filter>,
});

}  // namespace

}  // namespace gatehouse::conn_feature

ngx_module_t ngx_http_gatehouse_conn_module = gatehouse::glue::module_of(
    gatehouse::conn_feature::context, gatehouse::conn_feature::commands,
    {.init_module = gatehouse::glue::start<gatehouse::conn_feature::init_module>,
     .init_process = gatehouse::glue::start<gatehouse::conn_feature::init_process>});

ngx_module_t ngx_http_gatehouse_conn_late_module = gatehouse::glue::module_of(
    gatehouse::conn_feature::late_context, nullptr);  // directives: those of the early one
