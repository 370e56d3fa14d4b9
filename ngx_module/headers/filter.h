// Writes the fields of a plan to responses.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::headers_feature {

/// Puts our header filter before those that are there already.
void install_filter() noexcept;

}  // namespace gatehouse::headers_feature
