#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/directives.h"

#include "ngx_module/conn/module.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/pool.h"

namespace gatehouse::conn_feature {

namespace {

ngx_conf_enum_t log_levels[] = {
    {ngx_string("info"), NGX_LOG_INFO},
    {ngx_string("notice"), NGX_LOG_NOTICE},
    {ngx_string("warn"), NGX_LOG_WARN},
    {ngx_string("error"), NGX_LOG_ERR},
    {ngx_null_string, 0},
};

ngx_conf_num_bounds_t refusal_statuses = {ngx_conf_check_num_bounds, 400, 599};

}  // namespace

ngx_command_t commands[] = {
    {ngx_string("gate_conn_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE2,
     glue::directive<MainConf, set_zone>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_conn"), glue::http_levels | NGX_CONF_TAKE123,
     glue::directive<ConnConf, set_rule>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_conn_status"), glue::http_levels | NGX_CONF_TAKE1, ngx_conf_set_num_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ConnConf, status), &refusal_statuses},
    {ngx_string("gate_conn_log_level"), glue::http_levels | NGX_CONF_TAKE1, ngx_conf_set_enum_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ConnConf, log_level), &log_levels},
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
    ngx_conf_merge_uint_value(inner->status, outer->status, NGX_HTTP_TOO_MANY_REQUESTS);
    ngx_conf_merge_uint_value(inner->log_level, outer->log_level, NGX_LOG_ERR);
    ngx_conf_merge_value(inner->dry_run, outer->dry_run, 0);
    return NGX_CONF_OK;
}

}  // namespace gatehouse::conn_feature
