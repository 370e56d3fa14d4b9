#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/directives.h"

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/refusals.h"
#include "ngx_module/limit/module.h"
#include "ngx_module/limit/rule_directive.h"
#include "ngx_module/limit/zone_directive.h"

namespace gatehouse::limit_feature {

namespace {

char* set_headers(ngx_conf_t& cf, LimitConf& conf)
{
    constexpr std::pair<std::string_view, HeaderStyle> styles[] = {{"ietf", HeaderStyle::ietf},
                                                                   {"legacy", HeaderStyle::legacy},
                                                                   {"both", HeaderStyle::both},
                                                                   {"off", HeaderStyle::off}};
    if (conf.headers != HeaderStyle::unset) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    for (const auto& [name, style] : styles) {
        if (glue::view(word) == name) {
            conf.headers = style;
            return glue::accepted;
        }
    }
    return glue::refuse_value(cf, word, "\"ietf\", \"legacy\", \"both\" or \"off\"");
}

}  // namespace

ngx_command_t commands[] = {
    {ngx_string("gate_limit_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_2MORE,
     glue::directive<MainConf, set_zone>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_limit"), glue::http_levels | NGX_CONF_1MORE,
     glue::directive<LimitConf, set_rule>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_limit_status"), glue::http_levels | NGX_CONF_TAKE1, ngx_conf_set_num_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LimitConf, status), &glue::refusal_status},
    {ngx_string("gate_limit_log_level"), glue::http_levels | NGX_CONF_TAKE1, ngx_conf_set_enum_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LimitConf, log_level), &glue::refusal_log_levels},
    {ngx_string("gate_limit_dry_run"), glue::http_levels | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LimitConf, dry_run), nullptr},
    {ngx_string("gate_limit_headers"), glue::http_levels | NGX_CONF_TAKE1,
     glue::directive<LimitConf, set_headers>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

MainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MainConf*>(context->main_conf[ngx_http_gatehouse_limit_module.ctx_index]);
}

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MainConf>();
}

void* create_location_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<LimitConf>();
}

void merge_location_conf(ngx_conf_t& cf, const LimitConf& outer, LimitConf& inner)
{
    if (inner.rules == nullptr && !inner.off) {
        inner.rules = outer.rules;
    }
    if (inner.rules != nullptr) {
        const auto* context = static_cast<const ngx_http_conf_ctx_t*>(cf.ctx);
        main_conf(cf).uses.push_back({inner.rules, context->loc_conf});
    }
    glue::merge_refusals(inner, outer);
    if (inner.headers == HeaderStyle::unset) {
        inner.headers = outer.headers == HeaderStyle::unset ? HeaderStyle::ietf : outer.headers;
    }
}

}  // namespace gatehouse::limit_feature
