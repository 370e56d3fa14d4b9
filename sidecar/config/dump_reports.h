// What the sidecar reports, as the file would write it. Internal to dump.
#pragma once

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

Json log_as_json(const Log& log);

}  // namespace gatehouse::config
