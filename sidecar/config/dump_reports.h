// What the sidecar reports, as the file would write it. Internal to dump.
#pragma once

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

Json log_as_json(const Log& log);
Json sentry_as_json(const Sentry& sentry);
Json metrics_as_json(const std::vector<OwnMetric>& metrics);

}  // namespace gatehouse::config
