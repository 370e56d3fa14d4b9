// Admits requests up to the caps of their location.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::conn_feature {

/// PREACCESS. All of a location's caps have room, or the request is refused and holds nothing.
ngx_int_t check_caps(ngx_http_request_t& r);

/// Header filter: what asked to become a WebSocket or an event stream has, or has not.
void settle_claim(ngx_http_request_t& r);

}  // namespace gatehouse::conn_feature
