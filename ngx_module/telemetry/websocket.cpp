// Counts the connections that are upgraded to WebSocket, while they last. A module of its own, as a
// filter has to come after nginx's (modules.c) and telemetry has to be the first of all.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/text.h"
#include "src/base/ascii.h"

extern "C" ngx_module_t ngx_http_gatehouse_websocket_module;

namespace gatehouse::telemetry_feature {

namespace {

ngx_http_output_header_filter_pt next_header_filter;

bool asks_for_websocket(const ngx_http_request_t& r) noexcept
{
    const auto* upgrade = r.headers_in.upgrade;
    return upgrade != nullptr && equals_ignoring_case(glue::view(upgrade->value), "websocket");
}

void connection_ends(void* /*data*/) noexcept
{
    glue::websockets_changed(-1);
}

void count_connection(ngx_http_request_t& r)
{
    if (&r != r.main || !asks_for_websocket(r)) {
        return;
    }
    if (auto* cleanup = ngx_pool_cleanup_add(r.pool, 0); cleanup != nullptr) {
        cleanup->handler = connection_ends;
        glue::websockets_changed(1);
    }
}

ngx_int_t filter_header(ngx_http_request_t* r) noexcept
{
    if (r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS) {
        glue::attempt<count_connection>(r);
    }
    return next_header_filter(r);
}

ngx_int_t add_filter(ngx_conf_t& /*cf*/)
{
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = filter_header;
    return NGX_OK;
}

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<add_filter>,
});

}  // namespace

}  // namespace gatehouse::telemetry_feature

ngx_module_t ngx_http_gatehouse_websocket_module =
    gatehouse::glue::module_of(gatehouse::telemetry_feature::context, nullptr);
