// Whether what history keeps and what sources ask of it fit.
#pragma once

#include "sidecar/config/diagnostics.h"
#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// REQUIRES: `root` is the whole document.
void check_history(const Node& root, const Config& config, Diagnostics& out);

/// Of kind history.
void check_history_source(const Node& node, const Config& config, Diagnostics& out);

}  // namespace gatehouse::config
