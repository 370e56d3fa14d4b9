// The response fields of CORS.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::cors_feature {

/// Puts our header filter before those that are there already.
void install_fields() noexcept;

}  // namespace gatehouse::cors_feature
