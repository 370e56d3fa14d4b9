#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/directives.h"

#include "ngx_module/conn/module.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/refusals.h"

namespace gatehouse::conn_feature {

ngx_command_t commands[] = {
    {ngx_string("gate_conn_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE2,
     glue::directive<MainConf, set_zone>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_conn"), glue::http_levels | NGX_CONF_TAKE123,
     glue::directive<ConnConf, set_rule>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_conn_status"), glue::http_levels | NGX_CONF_TAKE1, ngx_conf_set_num_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ConnConf, status), &glue::refusal_status},
    {ngx_string("gate_conn_log_level"), glue::http_levels | NGX_CONF_TAKE1, ngx_conf_set_enum_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ConnConf, log_level), &glue::refusal_log_levels},
    {ngx_string("gate_conn_dry_run"), glue::http_levels | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ConnConf, dry_run), nullptr},
    ngx_null_command,
};

MainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MainConf*>(context->main_conf[ngx_http_gatehouse_conn_module.ctx_index]);
}

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MainConf>();
}

void* create_location_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<ConnConf>();
}

char* merge_location_conf(ngx_conf_t* /*cf*/, void* parent, void* child) noexcept
{
    const auto* outer = static_cast<const ConnConf*>(parent);
    auto* inner = static_cast<ConnConf*>(child);
    if (inner->rules == nullptr && !inner->off) {
        inner->rules = outer->rules;
    }
    glue::merge_refusals(*inner, *outer);
    return NGX_CONF_OK;
}

}  // namespace gatehouse::conn_feature
