// For which location a request counts: the one it is in, unless a feature sends it elsewhere for
// its answer and says before that it counts here.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::glue {

/// Whatever becomes of it. Not for subrequests, which are not counted.
void count_here(ngx_http_request_t& r);

namespace counted_location {

/// REQUIRES: an internal request.
void** of_internal(const ngx_http_request_t& r) noexcept;

}  // namespace counted_location

/// The settings of all modules in that location.
inline void** counted_location_of(const ngx_http_request_t& r) noexcept
{
    return r.internal ? counted_location::of_internal(r) : r.loc_conf;
}

}  // namespace gatehouse::glue
