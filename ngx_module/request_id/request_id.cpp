// gate_request_id: by which id a request goes, nginx's own or the one that its client gave it.
#include "ngx_module/glue/ngx.h"

#include <optional>
#include <span>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/text.h"
#include "src/base/ascii.h"
#include "src/http/request_id.h"

extern "C" ngx_module_t ngx_http_gatehouse_request_id_module;

namespace gatehouse::request_id_feature {

namespace {

struct MainConf {
    bool used;  ///< some server takes clients' ids
};

struct RequestIdConf {
    std::optional<bool> of_client;
};

MainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MainConf*>(
        context->main_conf[ngx_http_gatehouse_request_id_module.ctx_index]);
}

char* set_request_id(ngx_conf_t& cf, RequestIdConf& conf)
{
    if (conf.of_client) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    if (glue::view(word) != "client" && glue::view(word) != "own") {
        return glue::refuse_value(cf, word, "\"own\" or \"client\"");
    }
    conf.of_client = glue::view(word) == "client";
    main_conf(cf).used |= *conf.of_client;
    return glue::accepted;
}

/// Nothing, too, where a request has several: who has put in which is not known.
std::optional<std::string_view> id_of_client(const ngx_http_request_t& r) noexcept
{
    std::optional<std::string_view> found;
    for (const auto* part = &r.headers_in.headers.part; part != nullptr; part = part->next) {
        const std::span fields{static_cast<const ngx_table_elt_t*>(part->elts), part->nelts};
        for (const auto& field : fields) {
            if (!equals_ignoring_case(glue::view(field.key), "x-request-id")) {
                continue;
            }
            if (found) {
                return std::nullopt;
            }
            found = glue::view(field.value);
        }
    }
    return found && http::is_request_id(*found) ? found : std::nullopt;
}

ngx_int_t take_id(ngx_http_request_t& r)
{
    const auto& conf = glue::location_conf<RequestIdConf>(r, ngx_http_gatehouse_request_id_module);
    if (conf.of_client.value_or(false)) {
        if (const auto id = id_of_client(r)) {
            glue::set_request_id(r, *id);
        }
    }
    return NGX_DECLINED;
}

ngx_int_t postconfigure(ngx_conf_t& cf)
{
    if (!main_conf(cf).used) {
        return NGX_OK;
    }
    if (glue::prepare_refusals(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    // It guards nothing: whatever goes wrong, the request goes by nginx's own.
    return glue::on_phase(cf, NGX_HTTP_POST_READ_PHASE, glue::handler<take_id, NGX_DECLINED>);
}

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MainConf>();
}

void* create_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<RequestIdConf>();
}

char* merge_conf(ngx_conf_t* /*cf*/, void* parent, void* child) noexcept
{
    auto& inner = *static_cast<RequestIdConf*>(child);
    if (!inner.of_client) {
        inner.of_client = static_cast<const RequestIdConf*>(parent)->of_client;
    }
    return NGX_CONF_OK;
}

ngx_command_t commands[] = {
    {ngx_string("gate_request_id"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_TAKE1,
     glue::directive<RequestIdConf, set_request_id>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<postconfigure>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_conf>,
    .merge_loc_conf = merge_conf,
});

}  // namespace

}  // namespace gatehouse::request_id_feature

ngx_module_t ngx_http_gatehouse_request_id_module = gatehouse::glue::module_of(
    gatehouse::request_id_feature::context, gatehouse::request_id_feature::commands);
