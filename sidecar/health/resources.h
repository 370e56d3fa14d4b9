// What gatehousectl asks of the checks.
#pragma once

#include <vector>

#include "sidecar/base/resource.h"
#include "sidecar/health/agent.h"

namespace gatehouse::checks {

/// GET /v1/health; POST /v1/health/NAME/run runs that check first, POST /v1/health/run all.
/// REQUIRES: the agent outlives them.
std::vector<sidecar::Resource> resources(Agent& agent);

}  // namespace gatehouse::checks
