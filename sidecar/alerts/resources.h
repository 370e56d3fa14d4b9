// What gatehousectl asks of alerts.
#pragma once

#include <vector>

#include "sidecar/alerts/agent.h"
#include "sidecar/base/resource.h"

namespace gatehouse::alerts {

/// GET /v1/alerts; POST /v1/alerts/silences, /v1/alerts/silences/ID/end and
/// /v1/alerts/receivers/NAME/test. REQUIRES: the agent outlives them.
std::vector<sidecar::Resource> resources(Agent& agent);

}  // namespace gatehouse::alerts
