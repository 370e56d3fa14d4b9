#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/location_trail.h"

#include <algorithm>
#include <span>

#include "ngx_module/glue/conf.h"

namespace gatehouse::glue {

namespace {

/// Does nothing: its address marks a step among the cleanups of a request, which an internal
/// redirect leaves alone, as it does not with the contexts of modules.
void mark(void* /*settings*/) noexcept {}

ngx_int_t note_step(ngx_http_request_t* r) noexcept
{
    if (r == r->main) {
        auto* step = ngx_pool_cleanup_add(r->pool, 0);
        if (step != nullptr) {
            step->data = r->loc_conf;
            step->handler = mark;
        }
    }
    return NGX_DECLINED;
}

}  // namespace

namespace location_trail {

const ngx_pool_cleanup_t* latest_step(const ngx_pool_cleanup_t* from) noexcept
{
    while (from != nullptr && from->handler != mark) {
        from = from->next;
    }
    return from;
}

}  // namespace location_trail

ngx_int_t keep_location_trail(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    const auto* core =
        static_cast<ngx_http_core_main_conf_t*>(context->main_conf[ngx_http_core_module.ctx_index]);
    // Before the rewrite module, whose `return` may end a request.
    constexpr auto phase = NGX_HTTP_REWRITE_PHASE;
    const auto& handlers = core->phases[phase].handlers;
    const std::span known{static_cast<ngx_http_handler_pt*>(handlers.elts), handlers.nelts};
    if (std::find(known.begin(), known.end(), note_step) != known.end()) {
        return NGX_OK;
    }
    return on_phase(cf, phase, note_step);
}

}  // namespace gatehouse::glue
