#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/miss.h"

#include "ngx_module/board/module.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "src/http/cache_status.h"

namespace gatehouse::board_feature {

namespace {

/// Kept in the pool, because an internal redirect wipes r->ctx.
struct Lookup {
    bool missed;
};

ngx_http_output_header_filter_pt next_header_filter;

Lookup* lookup_of(const ngx_http_request_t& r) noexcept
{
    if (auto* known = r.ctx[ngx_http_gatehouse_board_module.ctx_index]; known != nullptr) {
        return static_cast<Lookup*>(known);
    }
    return r.internal ? glue::Pool{r.pool}.find<Lookup>() : nullptr;
}

void add_cache_status(ngx_http_request_t& r)
{
    const auto* lookup = lookup_of(r);
    if (lookup != nullptr && lookup->missed) {
        glue::push_header(r, "Cache-Status", http::cache_status_miss);
    }
}

ngx_int_t miss_header_filter(ngx_http_request_t* r) noexcept
{
    // The fields of a subrequest go nowhere, and it shares the pool of the main request.
    if (r == r->main) {
        glue::attempt<add_cache_status>(r);
    }
    return next_header_filter(r);
}

}  // namespace

void note_miss(ngx_http_request_t& r)
{
    if (&r != r.main) {
        return;
    }
    auto* lookup = lookup_of(r);
    if (lookup == nullptr) {
        lookup = &glue::Pool{r.pool}.make<Lookup>();
    }
    lookup->missed = true;
    r.ctx[ngx_http_gatehouse_board_module.ctx_index] = lookup;
}

void note_hit(ngx_http_request_t& r) noexcept
{
    if (auto* lookup = &r == r.main ? lookup_of(r) : nullptr; lookup != nullptr) {
        lookup->missed = false;
    }
}

void install_miss_filter() noexcept
{
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = miss_header_filter;
}

}  // namespace gatehouse::board_feature
