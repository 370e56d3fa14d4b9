#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/miss.h"

#include <utility>

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
    Miss miss;
    bool computed;  ///< it was sent where its answer is computed
};

ngx_http_output_header_filter_pt next_header_filter;

Lookup* lookup_of(const ngx_http_request_t& r) noexcept
{
    if (auto* known = r.ctx[ngx_http_gatehouse_board_module.ctx_index]; known != nullptr) {
        return static_cast<Lookup*>(known);
    }
    return r.internal ? glue::Pool{r.pool}.find<Lookup>() : nullptr;
}

/// What the sidecar computes says itself how it came about.
bool says_how_it_came(const ngx_http_request_t& r) noexcept
{
    return glue::any_header_out(r, "cache-status", http::is_own_cache_status);
}

void add_cache_status(ngx_http_request_t& r)
{
    const auto* lookup = lookup_of(r);
    if (lookup == nullptr || !lookup->missed) {
        return;
    }
    if (lookup->miss == Miss::path || !says_how_it_came(r)) {
        glue::push_header(r, "Cache-Status",
                          lookup->miss == Miss::stale_variant ? http::cache_status_stale
                                                              : http::cache_status_miss);
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

void note_miss(ngx_http_request_t& r, Miss miss)
{
    if (&r != r.main) {
        return;
    }
    auto* lookup = lookup_of(r);
    if (lookup == nullptr) {
        lookup = &glue::Pool{r.pool}.make<Lookup>();
    }
    lookup->missed = true;
    lookup->miss = miss;
    r.ctx[ngx_http_gatehouse_board_module.ctx_index] = lookup;
}

void note_hit(ngx_http_request_t& r) noexcept
{
    if (auto* lookup = &r == r.main ? lookup_of(r) : nullptr; lookup != nullptr) {
        lookup->missed = false;
    }
}

bool note_compute(ngx_http_request_t& r) noexcept
{
    auto* lookup = &r == r.main ? lookup_of(r) : nullptr;
    return lookup == nullptr || !std::exchange(lookup->computed, true);
}

void install_miss_filter() noexcept
{
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = miss_header_filter;
}

}  // namespace gatehouse::board_feature
