// What a CSV that is read on from its end must be.
#pragma once

#include "sidecar/config/diagnostics.h"
#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// REQUIRES: the source says "append": true.
void check_append(const Node& node, const Source& source, Diagnostics& out);

}  // namespace gatehouse::config
