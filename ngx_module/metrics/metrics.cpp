// gate_metrics: the content handler that shows the metrics of this nginx.
#include "ngx_module/glue/ngx.h"

#include <array>
#include <optional>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/content.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/sidecar_metrics.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/metrics/collect.h"
#include "src/http/accept.h"

extern "C" ngx_module_t ngx_http_gatehouse_metrics_module;

namespace gatehouse::metrics_feature {

namespace {

using telemetry::ExpositionFormat;

struct MetricsConf {
    bool set;
    std::optional<ExpositionFormat> format;  ///< nothing: by Accept
};

struct MetricsMainConf {
    glue::ContentLocations locations;
};

ngx_int_t answer(ngx_http_request_t& r);

constexpr ngx_http_handler_pt handler = glue::handler<answer, NGX_HTTP_INTERNAL_SERVER_ERROR>;

MetricsMainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MetricsMainConf*>(
        context->main_conf[ngx_http_gatehouse_metrics_module.ctx_index]);
}

std::optional<ExpositionFormat> format_of(std::string_view word) noexcept
{
    if (word == "prometheus") {
        return ExpositionFormat::prometheus;
    }
    if (word == "openmetrics") {
        return ExpositionFormat::openmetrics;
    }
    if (word == "json") {
        return ExpositionFormat::json;
    }
    return std::nullopt;
}

char* set_metrics(ngx_conf_t& cf, MetricsConf& conf)
{
    if (conf.set) {
        return glue::duplicate();
    }
    conf.set = true;
    if (const auto words = glue::words(cf); words.size() > 1) {
        conf.format = format_of(glue::view(words[1]));
        if (!conf.format && glue::view(words[1]) != "auto") {
            return glue::refuse_value(cf, words[1],
                                      "\"prometheus\", \"openmetrics\", \"json\" or \"auto\"");
        }
    }
    return main_conf(cf).locations.take(cf, handler);
}

ngx_command_t commands[] = {
    {ngx_string("gate_metrics"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1,
     glue::directive<MetricsConf, set_metrics>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MetricsMainConf>();
}

ngx_int_t prepare(ngx_conf_t& cf)
{
    glue::follow_sidecar_metrics();
    return main_conf(cf).locations.check(cf);
}

void* create_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MetricsConf>();
}

ExpositionFormat negotiate(const ngx_http_request_t& r)
{
    constexpr std::array<std::string_view, 3> types{"text/plain", "application/openmetrics-text",
                                                    "application/json"};
    constexpr std::array<ExpositionFormat, 3> formats{
        ExpositionFormat::prometheus, ExpositionFormat::openmetrics, ExpositionFormat::json};
    return formats[http::choose_type(glue::accept(r), types)];
}

ngx_int_t answer(ngx_http_request_t& r)
{
    if (const auto refused = glue::refuse_all_but_reading(r, "Metrics are")) {
        return *refused;
    }
    const auto& conf = glue::location_conf<MetricsConf>(r, ngx_http_gatehouse_metrics_module);
    const auto format = conf.format ? *conf.format : negotiate(r);
    if (!conf.format) {
        glue::push_header(r, "Vary", "Accept");
    }
    return glue::send_text(r, telemetry::content_type(format), "no-store", collect(format));
}

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<prepare>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_conf>,
});

}  // namespace

}  // namespace gatehouse::metrics_feature

ngx_module_t ngx_http_gatehouse_metrics_module = gatehouse::glue::module_of(
    gatehouse::metrics_feature::context, gatehouse::metrics_feature::commands);
