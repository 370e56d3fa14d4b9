// The metrics of health.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "src/telemetry/exposition.h"

namespace gatehouse::health_feature {

/// How things stand; and of each check that the sidecar which is there has told.
void collect(telemetry::Exposition& out);

}  // namespace gatehouse::health_feature
