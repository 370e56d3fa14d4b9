// Checks and how they are told, from the file. Internal to build.
#pragma once

#include <string>

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// `directory`: what relative paths are relative to.
Check build_check(const Node& node, const std::string& directory);

/// `node` may be null.
Health build_health(const Node* node);

/// "200-399, 401" as ranges; what is none is left out.
std::vector<std::pair<unsigned, unsigned>> status_ranges(const std::string& text);

}  // namespace gatehouse::config
