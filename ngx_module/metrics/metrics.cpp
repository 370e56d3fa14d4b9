// gate_metrics: the content handler that shows the metrics of this nginx.
#include "ngx_module/glue/ngx.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/content.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/sidecar_metrics.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/metrics/certificates.h"
#include "ngx_module/metrics/texts.h"
#include "src/http/accept.h"

extern "C" ngx_module_t ngx_http_gatehouse_metrics_module;

namespace gatehouse::metrics_feature {

namespace {

using telemetry::ExpositionFormat;

struct MetricsConf {
    bool set;
    std::optional<ExpositionFormat> format;  ///< nothing: by Accept
    telemetry::JsonNames names;
    Texts texts;
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

/// False: it is no name of a key.
bool read_name(std::string_view text, std::string& name)
{
    constexpr std::size_t longest = 200;
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-";
    name = text;
    return !text.empty() && text.size() <= longest && text.find_first_not_of(allowed) == text.npos;
}

/// The name that the word sets, and the word without its key; null: it sets none.
std::string* take_key(std::string_view& word, telemetry::JsonNames& names)
{
    for (const std::string_view key : {"histogram=", "label="}) {
        if (word.starts_with(key)) {
            word.remove_prefix(key.size());
            return key.front() == 'h' ? &names.histogram : &names.label;
        }
    }
    return nullptr;
}

char* set_metrics(ngx_conf_t& cf, MetricsConf& conf)
{
    if (conf.set) {
        return glue::duplicate();
    }
    conf.set = true;
    bool named = false;
    const auto words = glue::words(cf).subspan(1);
    for (const auto& word : words) {
        auto text = glue::view(word);
        if (auto* name = take_key(text, conf.names)) {
            named = true;
            if (!read_name(text, *name)) {
                return glue::refuse_value(cf, word, "a name of letters, digits and \"_.:-\"");
            }
        } else if (&word == &words.front() && (format_of(text) || text == "auto")) {
            conf.format = format_of(text);
        } else {
            return glue::refuse_value(cf, word,
                                      "\"prometheus\", \"openmetrics\", \"json\" or \"auto\"");
        }
    }
    if (named && conf.format && conf.format != ExpositionFormat::json) {
        return glue::refuse(cf, "\"histogram=\" and \"label=\" are for \"json\" alone");
    }
    return main_conf(cf).locations.take(cf, handler);
}

ngx_command_t commands[] = {
    {ngx_string("gate_metrics"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE123,
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
    auto& conf = glue::location_conf<MetricsConf>(r, ngx_http_gatehouse_metrics_module);
    const auto format = conf.format ? *conf.format : negotiate(r);
    if (!conf.format) {
        glue::push_header(r, "Vary", "Accept");
    }
    const auto& text = glue::Pool{r.pool}.make<Text>(conf.texts.get(format, conf.names));
    return glue::send_text(r, telemetry::content_type(format), "no-store", *text);
}

void init_module(ngx_cycle_t& cycle)
{
    note_certificates(cycle);
}

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<prepare>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_conf>,
});

}  // namespace

}  // namespace gatehouse::metrics_feature

ngx_module_t ngx_http_gatehouse_metrics_module = gatehouse::glue::module_of(
    gatehouse::metrics_feature::context, gatehouse::metrics_feature::commands,
    {.init_module = gatehouse::glue::start<gatehouse::metrics_feature::init_module>});
