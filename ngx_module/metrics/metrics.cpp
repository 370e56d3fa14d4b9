// gate_metrics: the content handler that shows the metrics of this nginx.
#include "ngx_module/glue/ngx.h"

#include <array>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"
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

/// A location whose content this is. Another directive may still take it away.
struct Taken {
    const ngx_http_core_loc_conf_t* location;
    std::string place;  ///< "FILE:LINE" of gate_metrics
};

struct MetricsMainConf {
    std::vector<Taken> taken;
};

constexpr const char* taken_twice =
    "\"gate_metrics\" stands beside another directive that answers, such as \"proxy_pass\": give "
    "it a location of its own";

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
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf((&cf), ngx_http_core_module));
    if (core->handler != nullptr) {
        return glue::refuse(cf, taken_twice);
    }
    core->handler = handler;
    main_conf(cf).taken.push_back({core, glue::place_of(cf)});
    return glue::accepted;
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

/// nginx lets the last directive of a location win that sets its handler, without a word.
ngx_int_t check_handlers(ngx_conf_t& cf)
{
    for (const auto& taken : main_conf(cf).taken) {
        if (taken.location->handler != handler) {
            return glue::refuse_at(cf, taken.place, taken_twice);
        }
    }
    return NGX_OK;
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

/// The text in a buffer that lives as long as the request.
ngx_buf_t& buffer_of(ngx_http_request_t& r, std::string text)
{
    auto& kept = glue::Pool{r.pool}.make<std::string>(std::move(text));
    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r.pool));
    if (buffer == nullptr) {
        throw std::bad_alloc{};
    }
    buffer->pos = glue::lend(kept).data;
    buffer->last = buffer->pos + kept.size();
    buffer->memory = 1;
    buffer->last_buf = &r == r.main ? 1 : 0;
    buffer->last_in_chain = 1;
    return *buffer;
}

ngx_int_t send(ngx_http_request_t& r, ExpositionFormat format)
{
    auto& buffer = buffer_of(r, collect(format));
    const auto type = telemetry::content_type(format);
    r.headers_out.status = NGX_HTTP_OK;
    r.headers_out.content_length_n = buffer.last - buffer.pos;
    r.headers_out.content_type = glue::lend(type);
    r.headers_out.content_type_len = type.substr(0, type.find(';')).size();
    glue::push_cache_control(r, "no-store");
    const ngx_int_t sent = ngx_http_send_header(&r);
    if (sent == NGX_ERROR || sent > NGX_OK || r.header_only) {
        return sent;
    }
    ngx_chain_t chain{&buffer, nullptr};
    return ngx_http_output_filter(&r, &chain);
}

ngx_int_t refuse_method(ngx_http_request_t& r)
{
    glue::push_header(r, "Allow", "GET, HEAD");
    // nginx ends a request by what its content handler returns, also one that is ended already.
    ++r.main->count;
    const ngx_int_t refused = glue::refuse_request(
        r, {.status = NGX_HTTP_NOT_ALLOWED, .detail = "Metrics are read by GET or HEAD."});
    if (refused != NGX_DONE) {
        --r.main->count;
    }
    return refused;
}

ngx_int_t answer(ngx_http_request_t& r)
{
    if ((r.method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
        return refuse_method(r);
    }
    if (const ngx_int_t discarded = ngx_http_discard_request_body(&r); discarded != NGX_OK) {
        return discarded;
    }
    const auto& conf = glue::location_conf<MetricsConf>(r, ngx_http_gatehouse_metrics_module);
    const auto format = conf.format ? *conf.format : negotiate(r);
    if (!conf.format) {
        glue::push_header(r, "Vary", "Accept");
    }
    return send(r, format);
}

ngx_http_module_t context = {
    nullptr,                          // preconfiguration
    glue::configure<check_handlers>,  // postconfiguration
    glue::create<create_main_conf>,
    nullptr,  // init main configuration
    nullptr,  // create server configuration
    nullptr,  // merge server configuration
    glue::create<create_conf>,
    nullptr,  // merge location configuration
};

}  // namespace

}  // namespace gatehouse::metrics_feature

ngx_module_t ngx_http_gatehouse_metrics_module = {
    NGX_MODULE_V1,
    &gatehouse::metrics_feature::context,
    gatehouse::metrics_feature::commands,
    NGX_HTTP_MODULE,
    nullptr,  // init_master
    nullptr,  // init_module
    nullptr,  // init_process
    nullptr,  // init_thread
    nullptr,  // exit_thread
    nullptr,  // exit_process
    nullptr,  // exit_master
    NGX_MODULE_V1_PADDING,
};
