// Whether checks, and how they are told, fit each other and the rest.
#pragma once

#include "sidecar/config/diagnostics.h"
#include "sidecar/config/load.h"
#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// REQUIRES: `root` is the whole document.
void check_health(const Node& root, const Config& config, const ProfileCheck& check_profile,
                  Diagnostics& out);

}  // namespace gatehouse::config
