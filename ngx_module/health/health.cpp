// gate_health: the content handler that answers whether things are up, without asking anybody.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/content.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/metrics.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/health/answer.h"
#include "ngx_module/health/collect.h"
#include "ngx_module/health/conf.h"
#include "ngx_module/health/directive.h"
#include "ngx_module/health/tables.h"

extern "C" ngx_module_t ngx_http_gatehouse_health_module;

namespace gatehouse::health_feature {

namespace {

HealthMainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<HealthMainConf*>(
        context->main_conf[ngx_http_gatehouse_health_module.ctx_index]);
}

ngx_int_t answer(ngx_http_request_t& r)
{
    if (const auto refused = glue::refuse_all_but_reading(r, "Health is")) {
        return *refused;
    }
    const auto reply =
        reply_to(r, glue::location_conf<HealthConf>(r, ngx_http_gatehouse_health_module));
    return glue::send_text(r, reply.content_type, "no-store", reply.body, reply.status);
}

char* set_health(ngx_conf_t& cf, HealthConf& conf)
{
    if (conf.set) {
        return glue::duplicate();
    }
    conf.set = true;
    if (char* const read = read_health(cf, conf); read != glue::accepted) {
        return read;
    }
    return main_conf(cf).locations.take(cf, glue::handler<answer, NGX_HTTP_INTERNAL_SERVER_ERROR>);
}

ngx_command_t commands[] = {
    {ngx_string("gate_health"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE123,
     glue::directive<HealthConf, set_health>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<HealthMainConf>();
}

void* create_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<HealthConf>();
}

ngx_int_t postconfigure(ngx_conf_t& cf)
{
    take_health_tables();
    glue::add_collector(collect);
    return main_conf(cf).locations.check(cf);
}

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<postconfigure>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_conf>,
});

}  // namespace

}  // namespace gatehouse::health_feature

ngx_module_t ngx_http_gatehouse_health_module = gatehouse::glue::module_of(
    gatehouse::health_feature::context, gatehouse::health_feature::commands);
