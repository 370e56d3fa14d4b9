// What people and Prometheus are told of the peers that are checked.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

#include "src/base/json_writer.h"
#include "src/telemetry/exposition.h"

namespace gatehouse::upstream_feature {

/// {"upstreams": {NAME: {"peers": [{"peer", "server", "backup", "state", "in", …}]}}}
std::string upstreams_json();

void collect(telemetry::Exposition& out);

/// "upstreams": {NAME: {"peers", "in"}}; nothing where none is checked.
void write_own_facts(JsonWriter& json);

}  // namespace gatehouse::upstream_feature
