#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/request.h"

#include "ngx_module/glue/pool.h"
#include "ngx_module/limit/module.h"

namespace gatehouse::limit_feature {

RequestState* RequestState::find(ngx_http_request_t& r) noexcept
{
    const auto slot = ngx_http_gatehouse_limit_module.ctx_index;
    if (r.ctx[slot] == nullptr && r.internal) {
        r.ctx[slot] = glue::Pool{r.pool}.find<RequestState>();
    }
    return static_cast<RequestState*>(r.ctx[slot]);
}

RequestState& RequestState::make(ngx_http_request_t& r)
{
    auto& state = glue::Pool{r.pool}.make<RequestState>();
    r.ctx[ngx_http_gatehouse_limit_module.ctx_index] = &state;
    return state;
}

}  // namespace gatehouse::limit_feature
