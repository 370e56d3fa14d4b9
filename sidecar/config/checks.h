// What a schema cannot say: values that must fit each other.
#pragma once

#include "sidecar/config/load.h"
#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// REQUIRES: `config` was built from `root`.
void check_values(const Node& root, const Config& config, const LoadOptions& options,
                  Diagnostics& out);

}  // namespace gatehouse::config
