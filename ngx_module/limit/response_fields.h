// RateLimit, RateLimit-Policy, Retry-After and their older forms, on every response to a request
// that a limit applied to.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::limit_feature {

/// To be called from postconfiguration of a module that stands behind nginx's own filters.
void install_response_fields() noexcept;

}  // namespace gatehouse::limit_feature
