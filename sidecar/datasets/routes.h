// Datasets on the API socket:
//
//     GET    /gatehouse/api/v1/datasets           those that the caller may write or read
//     GET    /gatehouse/api/v1/datasets/NAME      scope write:NAME or read:NAME
//     PUT    /gatehouse/api/v1/datasets/NAME      replaces; scope write:NAME
//     POST   /gatehouse/api/v1/datasets/NAME      adds; scope write:NAME
//     DELETE /gatehouse/api/v1/datasets/NAME      scope write:NAME
#pragma once

#include <vector>

#include "sidecar/base/api.h"
#include "sidecar/datasets/agent.h"

namespace gatehouse::datasets {

/// REQUIRES: the agent outlives them.
std::vector<api::Route> routes(Agent& agent);

}  // namespace gatehouse::datasets
