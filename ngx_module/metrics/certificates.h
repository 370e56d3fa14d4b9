// Until when the certificates of this nginx's servers are valid.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "src/telemetry/exposition.h"

namespace gatehouse::metrics_feature {

/// From init_module: looks at the certificates that nginx has just read. Those whose names hold
/// variables are read for each handshake, and not known.
void note_certificates(ngx_cycle_t& cycle);

void add_certificates(telemetry::Exposition& out);

}  // namespace gatehouse::metrics_feature
