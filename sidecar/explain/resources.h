// Permissions to have a request explained by nginx: POST /v1/explain
#pragma once

#include <functional>
#include <vector>

#include "sidecar/base/resource.h"
#include "src/auth/explain_permission.h"

namespace gatehouse::explain {

/// `key`: the one that workers have; nullptr if there is none.
std::vector<sidecar::Resource> resources(std::function<const auth::ExplainKey*()> key);

}  // namespace gatehouse::explain
