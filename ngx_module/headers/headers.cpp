// Security headers: presets, single fields, and the nonce that pages carry.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/location_trail.h"
#include "ngx_module/glue/module.h"
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

ngx_http_module_t context = glue::context_of({
    .preconfiguration = glue::configure<add_nonce>,
    .postconfiguration = glue::configure<postconfigure>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_location_conf>,
    .merge_loc_conf = glue::merge<HeadersConf, merge_location_conf>,
});

}  // namespace

}  // namespace gatehouse::headers_feature

ngx_module_t ngx_http_gatehouse_headers_module = gatehouse::glue::module_of(
    gatehouse::headers_feature::context, gatehouse::headers_feature::commands);
