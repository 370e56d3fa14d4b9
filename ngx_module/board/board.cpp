// The board: serves the card whose path is the request's. Its directives, and where it acts.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/answer.h"
#include "ngx_module/board/conf.h"
#include "ngx_module/board/miss.h"
#include "ngx_module/board/module.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/text.h"

#include <new>

namespace gatehouse::board_feature {

namespace {

char* set_stale(ngx_conf_t& cf, BoardConf& conf)
{
    if (conf.stale_ms != NGX_CONF_UNSET_MSEC) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    if (glue::view(word) == "off") {
        conf.stale_ms = 0;
        return glue::accepted;
    }
    const auto time = glue::parse_time(word);
    if (!time) {
        return glue::refuse_value(cf, word, "a time such as \"10m\", or \"off\"");
    }
    conf.stale_ms = *time;
    return glue::accepted;
}

ngx_command_t commands[] = {
    {ngx_string("gate_board"), glue::http_levels | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(BoardConf, enabled), nullptr},
    {ngx_string("gate_board_stale"), glue::http_levels | NGX_CONF_TAKE1,
     glue::directive<BoardConf, set_stale>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

void* create_conf(ngx_conf_t& cf)
{
    auto* conf = static_cast<BoardConf*>(ngx_palloc(cf.pool, sizeof(BoardConf)));
    if (conf == nullptr) {
        throw std::bad_alloc{};
    }
    *conf = {NGX_CONF_UNSET, NGX_CONF_UNSET_MSEC};
    return conf;
}

char* merge_conf(ngx_conf_t* /*cf*/, void* parent, void* child) noexcept
{
    const auto* outer = static_cast<const BoardConf*>(parent);
    auto* inner = static_cast<BoardConf*>(child);
    ngx_conf_merge_value(inner->enabled, outer->enabled, 0);
    ngx_conf_merge_msec_value(inner->stale_ms, outer->stale_ms, NGX_CONF_UNSET_MSEC);
    return NGX_CONF_OK;
}

ngx_int_t add_handlers(ngx_conf_t& cf)
{
    install_miss_filter();
    // Without the board the request goes on to whom it went before: it accelerates, it guards
    // nothing. What a card with `require` needs is answer's own business.
    return glue::on_phase(cf, NGX_HTTP_PRECONTENT_PHASE, glue::handler<answer, NGX_DECLINED>);
}

ngx_http_module_t context = {
    nullptr,                        // preconfiguration
    glue::configure<add_handlers>,  // postconfiguration
    nullptr,                        // create main configuration
    nullptr,                        // init main configuration
    nullptr,                        // create server configuration
    nullptr,                        // merge server configuration
    glue::create<create_conf>,
    merge_conf,
};

}  // namespace

}  // namespace gatehouse::board_feature

ngx_module_t ngx_http_gatehouse_board_module = {
    NGX_MODULE_V1,
    &gatehouse::board_feature::context,
    gatehouse::board_feature::commands,
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
