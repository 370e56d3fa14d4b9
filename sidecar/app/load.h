// Loading a configuration for this machine.
#pragma once

#include <optional>
#include <string>

#include "sidecar/app/options.h"
#include "sidecar/config/diagnostics.h"
#include "sidecar/config/types.h"
#include "sidecar/link/access.h"
#include "src/base/result.h"

namespace gatehouse::app {

/// What config::load checks, and what only the machine can tell: that users and groups exist. So
/// -t, the start and a reload agree. Blocks.
std::optional<config::Config> load(const Options& options, config::Diagnostics& diagnostics);

/// Adds an error about the file as a whole.
void refuse(config::Diagnostics& diagnostics, const std::string& file, const std::string& why);

/// Who may use the link by this configuration.
Result<sidecar::Access> access_for(const config::Link& link);

}  // namespace gatehouse::app
