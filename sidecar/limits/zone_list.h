// All zones as the control API lists them, with what the telemetry region counts for each.
#pragma once

#include <string>
#include <vector>

#include "sidecar/base/json_writer.h"
#include "sidecar/limits/zones.h"

namespace gatehouse::limits {

/// {"zones": […]}
std::string list_json(const std::vector<Zone>& zones);

/// {"zones": [{"zone", "keys": […]}]}: the `most` refused keys of each.
std::string top_keys_json(const std::vector<Zone>& zones, std::size_t most);

/// "master", "prefix", "workers": by which the zone's nginx is told from another.
void write_nginx(sidecar::JsonWriter& json, const Zone& zone);

}  // namespace gatehouse::limits
