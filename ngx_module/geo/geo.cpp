// Where clients are: databases, variables, and who may enter by country, autonomous system or
// network.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/geo/databases.h"
#include "ngx_module/geo/directives.h"
#include "ngx_module/geo/guard.h"
#include "ngx_module/geo/module.h"
#include "ngx_module/geo/variables.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/metrics.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/telemetry.h"

namespace gatehouse::geo_feature {

namespace {

ngx_int_t add_handlers(ngx_conf_t& cf)
{
    if (check_databases(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    follow_tables();
    glue::on_explain(glue::ExplainStop::geo, explain_origin);
    if (!main_conf(cf).has_rules) {
        return NGX_OK;
    }
    // What keeps people out fails closed.
    const bool added = glue::prepare_refusals(cf) == NGX_OK &&
                       glue::on_phase(cf, NGX_HTTP_PREACCESS_PHASE,
                                      glue::handler<check_origin, NGX_HTTP_FORBIDDEN>) == NGX_OK;
    return added ? NGX_OK : NGX_ERROR;
}

void init_module(ngx_cycle_t& cycle)
{
    const auto* conf = static_cast<const MainConf*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_gatehouse_geo_module));
    use_databases(conf);
    if (conf == nullptr || ngx_test_config) {
        return;
    }
    name_databases(*conf);
    glue::add_collector(collect_databases);
    if (conf->has_rules) {
        glue::announce_geo();
    }
}

ngx_http_module_t context = glue::context_of({
    .preconfiguration = glue::configure<add_geo_variables>,
    .postconfiguration = glue::configure<add_handlers>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_location_conf>,
    .merge_loc_conf = glue::merge<GeoConf, merge_location_conf>,
});

}  // namespace

}  // namespace gatehouse::geo_feature

ngx_module_t ngx_http_gatehouse_geo_module = gatehouse::glue::module_of(
    gatehouse::geo_feature::context, gatehouse::geo_feature::commands,
    {.init_module = gatehouse::glue::start<gatehouse::geo_feature::init_module>});
