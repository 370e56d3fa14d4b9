// Which computations wait for each other: docs/configuration.md, "Time".
#pragma once

#include <set>
#include <string>
#include <vector>

#include "sidecar/base/lanes.h"
#include "sidecar/config/types.h"

namespace gatehouse::app {

/// For what reads these sources. Databases have a lane each, since whoever reads one may wait for
/// it; in the state there are runs and history. So does a source whose cache is `being_made`. All
/// else is in the engine's lane.
sidecar::Lane lane_of(const config::Config& config, const std::vector<std::string>& sources,
                      const std::multiset<std::string>& being_made = {});

/// For looks at files, which are quick unless a file system hangs.
sidecar::Lane lane_of_looks();

/// For fetches of documents.
sidecar::Lane lane_of_fetches();

}  // namespace gatehouse::app
