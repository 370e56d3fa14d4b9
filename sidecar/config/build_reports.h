// What the sidecar reports, from the file. Internal to build.
#pragma once

#include <string>

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// `node` may be null; `directory`: what relative paths are relative to.
Log build_log(const Node* node, const std::string& directory);

Sentry build_sentry(const Node* node, const std::string& directory);
std::vector<OwnMetric> build_metrics(const Node* node);

}  // namespace gatehouse::config
