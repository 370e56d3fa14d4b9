// Everything this worker knows, as one text.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

#include "src/telemetry/exposition.h"

namespace gatehouse::metrics_feature {

/// Reads shared memory and this process's own, nothing else: no file, no socket, no lock.
std::string collect(telemetry::ExpositionFormat format, const telemetry::JsonNames& names);

}  // namespace gatehouse::metrics_feature
