// What is wrong with a source of kind http beyond what the schema says.
#pragma once

#include "sidecar/config/diagnostics.h"
#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// REQUIRES: `node` is the source's object.
void check_http_source(const Node& node, const Source& source, Diagnostics& out);

}  // namespace gatehouse::config
