// What the control API tells of databases: GET /v1/geoip
#pragma once

#include <functional>
#include <vector>

#include "sidecar/base/resource.h"
#include "sidecar/geoip/agent.h"

namespace gatehouse::geoip {

std::vector<sidecar::Resource> resources(std::function<std::vector<Report>()> report);

}  // namespace gatehouse::geoip
