// Requests that gatehousectl asks about: told what would become of them, and not served. Its part
// in nginx's start.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/explain/nginx_guards.h"
#include "ngx_module/explain/permission.h"
#include "ngx_module/explain/request.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/module.h"

namespace gatehouse::explain_feature {

namespace {

ngx_int_t stand_before_access(ngx_conf_t& cf)
{
    note_begin_of_access(cf);
    return NGX_OK;
}

ngx_int_t stand_before_realip(ngx_conf_t& cf)
{
    note_end_of_access(cf);
    follow_key();
    glue::set_explainer({begin, answer});
    return NGX_OK;
}

ngx_int_t stand_after_realip(ngx_conf_t& cf)
{
    note_end_of_address(cf);
    return NGX_OK;
}

void init_module(ngx_cycle_t& /*cycle*/)
{
    if (!ngx_test_config) {
        share_used();
    }
}

ngx_http_module_t inner_context = glue::context_of({
    .postconfiguration = glue::configure<stand_before_access>,
});

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<stand_before_realip>,
});

ngx_http_module_t late_context = glue::context_of({
    .postconfiguration = glue::configure<stand_after_realip>,
});

}  // namespace

}  // namespace gatehouse::explain_feature

ngx_module_t ngx_http_gatehouse_explain_inner_module = gatehouse::glue::module_of(
    gatehouse::explain_feature::inner_context, nullptr);  // directives: none

ngx_module_t ngx_http_gatehouse_explain_module = gatehouse::glue::module_of(
    gatehouse::explain_feature::context, nullptr,
    {.init_module =
         gatehouse::glue::start<gatehouse::explain_feature::init_module>});  // directives: none

ngx_module_t ngx_http_gatehouse_explain_late_module = gatehouse::glue::module_of(
    gatehouse::explain_feature::late_context, nullptr);  // directives: none
