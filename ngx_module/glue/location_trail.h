// Whose settings an answer has that another location gives: an error page, a named location, what
// index or try_files led to.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::glue {

/// To be called from postconfiguration by features that ask setting_of_answer(); once is enough.
/// REQUIRES: their module stands after nginx's rewrite module. Some 40 instructions a request.
ngx_int_t keep_location_trail(ngx_conf_t& cf) noexcept;

namespace location_trail {

/// The settings of all modules in one location.
using Settings = void**;

/// The steps of a request, the latest first.
const ngx_pool_cleanup_t* latest_step(const ngx_pool_cleanup_t* from) noexcept;

inline Settings of_server(const ngx_http_request_t& r) noexcept
{
    const auto* core =
        static_cast<const ngx_http_core_srv_conf_t*>(r.srv_conf[ngx_http_core_module.ctx_index]);
    return core->ctx->loc_conf;
}

}  // namespace location_trail

/// A setting for the answer to a main request: that of the location that answers. If this one has
/// no other than its server says, that of the last location on the way which has one of its own:
/// so what a location says holds for the error pages of its requests.
template <class Conf, class T>
const T* setting_of_answer(const ngx_http_request_t& r, const ngx_module_t& module,
                           const T* Conf::*setting) noexcept
{
    const auto in = [&](location_trail::Settings settings) {
        return static_cast<const Conf*>(settings[module.ctx_index])->*setting;
    };
    const T* const here = in(r.loc_conf);
    if (!r.internal) {
        return here;
    }
    const T* const general = in(location_trail::of_server(r));
    if (here != general) {
        return here;
    }
    for (const auto* step = location_trail::latest_step(r.pool->cleanup); step != nullptr;
         step = location_trail::latest_step(step->next)) {
        const T* const there = in(static_cast<location_trail::Settings>(step->data));
        if (there != general) {
            return there;
        }
    }
    return here;
}

}  // namespace gatehouse::glue
