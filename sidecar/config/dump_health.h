// Checks and how they are told, as the file would write them. Internal to dump.
#pragma once

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

Json check_as_json(const Check& check);
Json health_as_json(const Health& health);

}  // namespace gatehouse::config
