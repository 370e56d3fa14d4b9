// Alerts, as the file would write them. Internal to dump.
#pragma once

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

Json alerts_as_json(const Alerts& alerts);

}  // namespace gatehouse::config
