// CORS at the edge: preflights are answered here, and every response says who may read it.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/cors/directive.h"
#include "ngx_module/cors/explain.h"
#include "ngx_module/cors/fields.h"
#include "ngx_module/cors/module.h"
#include "ngx_module/cors/question.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/location_trail.h"
#include "ngx_module/glue/module.h"

namespace gatehouse::cors_feature {

namespace {

/// The answer is 204 whatever the verdict, which is in the fields alone: the header filter adds
/// them, as to every other response.
ngx_int_t answer_preflight(ngx_http_request_t& r)
{
    if (r.method != NGX_HTTP_OPTIONS || &r != r.main || policy_of(r) == nullptr ||
        !is_preflight(r, read_question(r))) {
        return NGX_DECLINED;
    }
    r.expect_tested = 1;
    if (ngx_http_discard_request_body(&r) != NGX_OK) {
        r.keepalive = 0;
    }
    r.headers_out.status = NGX_HTTP_NO_CONTENT;
    r.err_status = 0;
    ngx_http_finalize_request(&r, ngx_http_send_header(&r));
    return NGX_DONE;
}

ngx_int_t add_preflight_handler(ngx_conf_t& cf)
{
    if (!main_conf(cf).used) {
        return NGX_OK;
    }
    glue::on_explain(glue::ExplainStop::cors, explain_cors);
    // Closed: a preflight never reaches the application.
    return glue::on_phase(cf, NGX_HTTP_PREACCESS_PHASE,
                          glue::handler<answer_preflight, NGX_HTTP_INTERNAL_SERVER_ERROR>);
}

ngx_int_t add_filter(ngx_conf_t& cf)
{
    if (!main_conf(cf).used) {
        return NGX_OK;
    }
    install_fields();
    return glue::keep_location_trail(cf);
}

ngx_http_module_t early_context = glue::context_of({
    .postconfiguration = glue::configure<add_preflight_handler>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_location_conf>,
    .merge_loc_conf = glue::merge<CorsConf, merge_location_conf>,
});

ngx_http_module_t late_context = glue::context_of({
    .postconfiguration = glue::configure<add_filter>,
});

}  // namespace

}  // namespace gatehouse::cors_feature

ngx_module_t ngx_http_gatehouse_cors_module = gatehouse::glue::module_of(
    gatehouse::cors_feature::early_context, gatehouse::cors_feature::commands);

ngx_module_t ngx_http_gatehouse_cors_late_module = gatehouse::glue::module_of(
    gatehouse::cors_feature::late_context, nullptr);  // directives: those of the early one
