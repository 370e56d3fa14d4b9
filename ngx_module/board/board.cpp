// The board: serves the card whose path is the request's. Its directives, and where it acts.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/answer.h"
#include "ngx_module/board/compute.h"
#include "ngx_module/board/conf.h"
#include "ngx_module/board/miss.h"
#include "ngx_module/board/module.h"
#include "ngx_module/board/variants.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/tick.h"
#include "ngx_module/glue/worker_board.h"

#include <new>

namespace gatehouse::board_feature {

namespace {

glue::Tick tick;

/// The first `gate_board on` of the configuration.
struct FirstBoard {
    ngx_str_t file;
    ngx_uint_t line;  ///< 0: there is none
};

FirstBoard& first_board(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<FirstBoard*>(context->main_conf[ngx_http_gatehouse_board_module.ctx_index]);
}

char* note_board(ngx_conf_t* cf, void* /*post*/, void* enabled) noexcept
{
    auto& first = first_board(*cf);
    if (first.line == 0 && *static_cast<ngx_flag_t*>(enabled) != 0) {
        first = {cf->conf_file->file.name, cf->conf_file->line};
    }
    return glue::accepted;
}

ngx_conf_post_t after_gate_board = {note_board};

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
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(BoardConf, enabled), &after_gate_board},
    {ngx_string("gate_board_stale"), glue::http_levels | NGX_CONF_TAKE1,
     glue::directive<BoardConf, set_stale>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_compute"), glue::http_levels | NGX_CONF_TAKE1,
     glue::directive<BoardConf, set_compute>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<FirstBoard>();
}

void* create_conf(ngx_conf_t& cf)
{
    auto* conf = static_cast<BoardConf*>(ngx_palloc(cf.pool, sizeof(BoardConf)));
    if (conf == nullptr) {
        throw std::bad_alloc{};
    }
    *conf = {NGX_CONF_UNSET, NGX_CONF_UNSET_MSEC, {}, {}};
    return conf;
}

void merge_conf(ngx_conf_t& cf, const BoardConf& outer, BoardConf& inner)
{
    ngx_conf_merge_value(inner.enabled, outer.enabled, 0);
    ngx_conf_merge_msec_value(inner.stale_ms, outer.stale_ms, NGX_CONF_UNSET_MSEC);
    if (inner.compute.data == nullptr) {
        inner.compute = outer.compute;
        inner.compute_place = outer.compute_place;
    }
    if (inner.enabled != 0 && inner.compute.len != 0) {
        note_compute_use(cf, inner);
    }
}

void warn_of_an_empty_board(ngx_conf_t& cf)
{
    const auto& first = first_board(cf);
    if (first.line != 0 && !glue::worker_board_has_source()) {
        ngx_log_error(NGX_LOG_WARN, cf.log, 0,
                      "\"gate_link\" and \"gate_board_file\" are both \"off\": nothing can ever be "
                      "served by \"gate_board\" in %V:%ui",
                      &first.file, first.line);
    }
}

bool is_on(void* const* location) noexcept
{
    const auto* conf =
        static_cast<const BoardConf*>(location[ngx_http_gatehouse_board_module.ctx_index]);
    return conf->enabled == 1;
}

ngx_int_t tell_of_board(ngx_conf_t& /*cf*/)
{
    glue::set_board_switch(is_on);
    return NGX_OK;
}

ngx_int_t add_handlers(ngx_conf_t& cf)
{
    warn_of_an_empty_board(cf);
    install_miss_filter();
    take_card_paths();
    glue::on_explain(glue::ExplainStop::board, explain_answer);
    if (glue::prepare_refusals(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    // Without the board the request goes on to whom it went before: it accelerates, it guards
    // nothing. What a card with `require` needs is answer's own business.
    return glue::on_phase(cf, NGX_HTTP_PRECONTENT_PHASE, glue::handler<answer, NGX_DECLINED>);
}

void init_process(ngx_cycle_t& cycle)
{
    if (glue::serves_requests()) {
        tick.start(cycle.log, report_served);
    }
}

ngx_http_module_t context = glue::context_of({
    .preconfiguration = glue::configure<tell_of_board>,
    .postconfiguration = glue::configure<add_handlers>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_conf>,
    .merge_loc_conf = glue::merge<BoardConf, merge_conf>,
});

}  // namespace

}  // namespace gatehouse::board_feature

ngx_module_t ngx_http_gatehouse_board_module = gatehouse::glue::module_of(
    gatehouse::board_feature::context, gatehouse::board_feature::commands,
    {.init_process = gatehouse::glue::start<gatehouse::board_feature::init_process>});
