// Whether this worker and the sidecar are in step. The link writes it; whoever reports it reads.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::glue {

/// True from the first full set of cards on, until the connection is lost or its heartbeat stops.
bool& sidecar_is_up() noexcept;

}  // namespace gatehouse::glue
