// The audit log in the control API: GET /v1/audit.
#pragma once

#include <vector>

#include "sidecar/audit/agent.h"
#include "sidecar/base/resource.h"

namespace gatehouse::audit_log {

/// `agent` must outlive them.
std::vector<sidecar::Resource> resources(const Agent& agent);

}  // namespace gatehouse::audit_log
