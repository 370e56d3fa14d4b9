// What this nginx knows of itself without asking anybody.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

namespace gatehouse::health_feature {

/// The number of open connections of clients; null in an nginx without stub_status.
void append_connections(std::string& out);

/// {"workers", "connections", "sidecar", "cards"}, and what other features add. Cards are those of
/// this worker.
void append_own_state(std::string& out);

}  // namespace gatehouse::health_feature
