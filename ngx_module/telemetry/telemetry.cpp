// Telemetry: the workers' slots and the region they count into, the names of endpoints, and the
// counting of requests.
#include "ngx_module/glue/ngx.h"

#include <algorithm>
#include <set>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/hello.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/tick.h"
#include "ngx_module/glue/worker_slot.h"
#include "ngx_module/telemetry/conf.h"
#include "ngx_module/telemetry/request.h"
#include "src/base/json_escape.h"
#include "src/telemetry/http_labels.h"

namespace gatehouse::telemetry_feature {

namespace {

constexpr std::size_t longest_route = telemetry::longest_name;

/// Room in hello for what other features say.
constexpr std::size_t routes_limit = glue::hello_limit / 2;

TelemetryConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<TelemetryConf*>(
        context->main_conf[ngx_http_gatehouse_telemetry_module.ctx_index]);
}

char* set_route(ngx_conf_t& cf, RouteConf& conf)
{
    if (conf.name.data != nullptr) {
        return glue::duplicate();
    }
    conf.name = glue::words(cf)[1];
    if (conf.name.len == 0 || conf.name.len > longest_route) {
        return glue::refuse_value(cf, conf.name, "a name of 1 to 256 bytes");
    }
    if (glue::view(conf.name).find('$') != std::string_view::npos) {
        return glue::refuse_value(cf, conf.name,
                                  "a name without variables: what clients send is no label");
    }
    auto& routes = main_conf(cf).routes;
    const std::string name{glue::view(conf.name)};
    if (std::find(routes.begin(), routes.end(), name) == routes.end()) {
        routes.push_back(name);
    }
    return glue::accepted;
}

char* set_top_keys(ngx_conf_t& cf, TelemetryConf& conf)
{
    if (conf.keys) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    if (glue::view(word) == "masked") {
        conf.keys = glue::KeyDisplay::masked;
    } else if (glue::view(word) == "whole") {
        conf.keys = glue::KeyDisplay::whole;
    } else if (glue::view(word) == "off") {
        conf.keys = glue::KeyDisplay::off;
    } else {
        return glue::refuse_value(cf, word, "\"masked\", \"whole\" or \"off\"");
    }
    return glue::accepted;
}

ngx_command_t commands[] = {
    {ngx_string("gate_route"), glue::http_levels | NGX_CONF_TAKE1,
     glue::directive<RouteConf, set_route>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_top_keys"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     glue::directive<TelemetryConf, set_top_keys>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<TelemetryConf>();
}

void* create_route_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<RouteConf>();
}

/// Where nginx merges, the context is the location's.
const ngx_str_t& pattern_of(const ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return static_cast<const ngx_http_core_loc_conf_t*>(
               context->loc_conf[ngx_http_core_module.ctx_index])
        ->name;
}

void merge_route(ngx_conf_t& cf, RouteConf& outer, RouteConf& inner)
{
    if (inner.name.data == nullptr) {
        inner.name = outer.name;
    }
    inner.label = inner.name.len != 0 ? inner.name : pattern_of(cf);
    main_conf(cf).locations.push_back(&inner);
}

std::string routes_as_json(const std::vector<std::string>& routes)
{
    std::string json = "[";
    for (const auto& route : routes) {
        if (json.size() > 1) {
            json += ',';
        }
        append_json_string(json, route);
    }
    return json + ']';
}

void warn_of_too_many(ngx_conf_t& cf, const TelemetryConf& conf)
{
    std::set<std::string_view> labels;
    for (const auto* location : conf.locations) {
        labels.insert(glue::view(location->label));
    }
    constexpr std::size_t most = telemetry::endpoint_capacity - 1;
    if (labels.size() > most) {
        ngx_conf_log_error(NGX_LOG_WARN, &cf, 0,
                           "%uz endpoints are more than the %uz that metrics have room for: the "
                           "rest count as \"other\"; \"gate_route\" gives several locations one "
                           "name",
                           labels.size(), most);
    }
}

void explain_endpoint(ngx_http_request_t& r, glue::Trace& trace)
{
    const auto& label =
        glue::location_conf<RouteConf>(r, ngx_http_gatehouse_telemetry_module).label;
    trace.last().facts.member("endpoint", label.len != 0 ? glue::view(label) : "other");
}

ngx_int_t postconfigure(ngx_conf_t& cf)
{
    const auto& conf = main_conf(cf);
    if (routes_as_json(conf.routes).size() > routes_limit) {
        ngx_conf_log_error(NGX_LOG_EMERG, &cf, 0, "the names of all \"gate_route\" are too long");
        return NGX_ERROR;
    }
    warn_of_too_many(cf, conf);
    glue::set_endpoint_lookup(endpoint_of);
    glue::on_explain(glue::ExplainStop::location, explain_endpoint);
    // Counting guards nothing: whatever goes wrong, the request goes on.
    if (glue::on_phase(cf, NGX_HTTP_POST_READ_PHASE, glue::handler<note_start, NGX_DECLINED>) !=
        NGX_OK) {
        return NGX_ERROR;
    }
    return glue::on_phase(cf, NGX_HTTP_LOG_PHASE, glue::handler<count_request, NGX_OK>);
}

/// What is known from the configuration is in the metrics from the start, at 0.
void name_endpoints(const TelemetryConf& conf)
{
    using telemetry::Family;
    (void)glue::series_index({Family::http_requests, 0, 0, 0});
    (void)glue::endpoint_index({});
    for (auto* location : conf.locations) {
        if (location->label.len == 0) {
            continue;
        }
        location->endpoint = glue::endpoint_index(glue::view(location->label));
        (void)glue::series_index({Family::http_requests, location->endpoint, NGX_HTTP_OK,
                                  telemetry::method_of_bits(NGX_HTTP_GET)});
    }
}

/// In the master, before it forks. The first of all modules: the others find slots and region made.
void init_module(ngx_cycle_t& cycle)
{
    const auto* conf = static_cast<const TelemetryConf*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_gatehouse_telemetry_module));
    if (ngx_test_config || conf == nullptr) {
        return;
    }
    glue::make_worker_slots(cycle);
    glue::make_telemetry(cycle, conf->keys.value_or(glue::KeyDisplay::masked));
    name_endpoints(*conf);
    glue::say_in_hello("routes", routes_as_json(conf->routes));
    glue::share_region("telemetry", glue::telemetry_descriptor());
}

/// In a worker, or in the only process. Cache managers and loaders count nothing.
void init_process(ngx_cycle_t& cycle)
{
    if (glue::serves_requests()) {
        glue::claim_worker_slot(cycle);
        glue::open_telemetry();
        prepare_starts(cycle);
    }
}

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<postconfigure>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_route_conf>,
    .merge_loc_conf = glue::merge<RouteConf, merge_route>,
});

}  // namespace

}  // namespace gatehouse::telemetry_feature

ngx_module_t ngx_http_gatehouse_telemetry_module = gatehouse::glue::module_of(
    gatehouse::telemetry_feature::context, gatehouse::telemetry_feature::commands,
    {.init_module = gatehouse::glue::start<gatehouse::telemetry_feature::init_module>,
     .init_process = gatehouse::glue::start<gatehouse::telemetry_feature::init_process>});
