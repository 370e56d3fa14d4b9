// Requests that gatehousectl asks about: told what would become of them, and not served. Its part
// in nginx's start.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/explain/nginx_guards.h"
#include "ngx_module/explain/permission.h"
#include "ngx_module/explain/request.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"

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

ngx_http_module_t inner_context = {
    nullptr,                               // preconfiguration
    glue::configure<stand_before_access>,  // postconfiguration
    nullptr,                               // create main configuration
    nullptr,                               // init main configuration
    nullptr,                               // create server configuration
    nullptr,                               // merge server configuration
    nullptr,                               // create location configuration
    nullptr,                               // merge location configuration
};

ngx_http_module_t context = {
    nullptr,                               // preconfiguration
    glue::configure<stand_before_realip>,  // postconfiguration
    nullptr,                               // create main configuration
    nullptr,                               // init main configuration
    nullptr,                               // create server configuration
    nullptr,                               // merge server configuration
    nullptr,                               // create location configuration
    nullptr,                               // merge location configuration
};

ngx_http_module_t late_context = {
    nullptr,                              // preconfiguration
    glue::configure<stand_after_realip>,  // postconfiguration
    nullptr,                              // create main configuration
    nullptr,                              // init main configuration
    nullptr,                              // create server configuration
    nullptr,                              // merge server configuration
    nullptr,                              // create location configuration
    nullptr,                              // merge location configuration
};

}  // namespace

}  // namespace gatehouse::explain_feature

ngx_module_t ngx_http_gatehouse_explain_inner_module = {
    NGX_MODULE_V1,
    &gatehouse::explain_feature::inner_context,
    nullptr,  // directives: none
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

ngx_module_t ngx_http_gatehouse_explain_module = {
    NGX_MODULE_V1,
    &gatehouse::explain_feature::context,
    nullptr,  // directives: none
    NGX_HTTP_MODULE,
    nullptr,  // init_master
    gatehouse::glue::start<gatehouse::explain_feature::init_module>,
    nullptr,  // init_process
    nullptr,  // init_thread
    nullptr,  // exit_thread
    nullptr,  // exit_process
    nullptr,  // exit_master
    NGX_MODULE_V1_PADDING,
};

ngx_module_t ngx_http_gatehouse_explain_late_module = {
    NGX_MODULE_V1,
    &gatehouse::explain_feature::late_context,
    nullptr,  // directives: none
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
