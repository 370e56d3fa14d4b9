// Writes one decision for a request that a guard decided about.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::audit_feature {

/// LOG phase. Some 600 instructions for a request that is written, 30 for one that is not.
ngx_int_t record(ngx_http_request_t& r);

}  // namespace gatehouse::audit_feature
