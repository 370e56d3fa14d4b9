#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/counted_location.h"

#include <new>

namespace gatehouse::glue {

namespace {

/// Does nothing: its address marks the location among the cleanups of a request, which an internal
/// redirect leaves alone, as it does not with the contexts of modules.
void mark(void* /*settings*/) noexcept {}

}  // namespace

void count_here(ngx_http_request_t& r)
{
    if (&r != r.main) {
        return;
    }
    auto* cleanup = ngx_pool_cleanup_add(r.pool, 0);
    if (cleanup == nullptr) {
        throw std::bad_alloc{};
    }
    cleanup->data = counted_location_of(r);
    cleanup->handler = mark;
}

namespace counted_location {

void** of_internal(const ngx_http_request_t& r) noexcept
{
    for (const auto* cleanup = r.pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == mark) {
            return static_cast<void**>(cleanup->data);
        }
    }
    return r.loc_conf;
}

}  // namespace counted_location

}  // namespace gatehouse::glue
