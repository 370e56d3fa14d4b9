// What the limits would say of a request, without charging it.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::limit_feature {

/// From postconfiguration.
void explain_limits_when_asked() noexcept;

}  // namespace gatehouse::limit_feature
