// What to watch for a source.
#pragma once

#include <vector>

#include "sidecar/base/watched.h"
#include "sidecar/config/types.h"

namespace gatehouse::app {

/// Its files and globs, and what a database has beside its own; where a directory is missing, its
/// way from the nearest one that exists, so that its appearance is seen. Reads directories: for a
/// pool.
std::vector<sidecar::WatchedName> names_to_watch(const config::Source& source);

}  // namespace gatehouse::app
