// The databases that this process looks up in: those that the master read, and in their place what
// the sidecar has found in the same files since.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <memory>
#include <vector>

#include "ngx_module/geo/conf.h"
#include "src/telemetry/exposition.h"

namespace gatehouse::geo_feature {

/// In the order of the configuration. Never changed: a new version is another set, so that requests
/// under way go on with theirs.
using DatabaseSet = std::vector<std::shared_ptr<const geo::Database>>;

/// nullptr where there is none.
const std::shared_ptr<const DatabaseSet>& databases_in_force() noexcept;

/// In postconfiguration.
void follow_tables();

/// In init_module: those of this configuration are in force.
void use_databases(const MainConf* conf);

/// Tells the sidecar which files to watch, and what is known of each.
void name_databases(const MainConf& conf);

void collect_databases(telemetry::Exposition& out);

}  // namespace gatehouse::geo_feature
