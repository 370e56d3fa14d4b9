// Directories to watch for a source.
#pragma once

#include <string>
#include <vector>

#include "sidecar/config/types.h"

namespace gatehouse::app {

/// Those of its files and globs; where one is missing, the nearest that exists above it, so that
/// its appearance is seen. Reads directories: for a pool.
std::vector<std::string> directories_to_watch(const config::Source& source);

}  // namespace gatehouse::app
