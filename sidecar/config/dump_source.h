// The effective definition of a source as JSON.
#pragma once

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// With the keys of its own kind alone: what is dumped is loaded again.
Json source_json(const Source& from);

}  // namespace gatehouse::config
