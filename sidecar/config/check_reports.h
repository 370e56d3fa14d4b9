// Whether what the sidecar reports, and where, fits the rest.
#pragma once

#include "sidecar/config/diagnostics.h"
#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// REQUIRES: `root` is the whole document.
void check_reports(const Node& root, const Config& config, Diagnostics& out);

}  // namespace gatehouse::config
