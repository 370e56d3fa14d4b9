// Security headers: presets, single fields, and the nonce that pages carry.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/location_trail.h"
#include "ngx_module/headers/directives.h"
#include "ngx_module/headers/filter.h"
#include "ngx_module/headers/module.h"
#include "ngx_module/headers/nonce.h"

namespace gatehouse::headers_feature {

namespace {

ngx_int_t postconfigure(ngx_conf_t& cf)
{
    if (remember_nonce(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    if (!main_conf(cf).used) {
        return NGX_OK;
    }
    install_filter();
    return glue::keep_location_trail(cf);
}

ngx_http_module_t context = {
    glue::configure<add_nonce>,      // preconfiguration
    glue::configure<postconfigure>,  // postconfiguration
    glue::create<create_main_conf>,
    nullptr,  // init main configuration
    nullptr,  // create server configuration
    nullptr,  // merge server configuration
    glue::create<create_location_conf>,
    glue::merge<HeadersConf, merge_location_conf>,
};

}  // namespace

}  // namespace gatehouse::headers_feature

ngx_module_t ngx_http_gatehouse_headers_module = {
    NGX_MODULE_V1,
    &gatehouse::headers_feature::context,
    gatehouse::headers_feature::commands,
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
