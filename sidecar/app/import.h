// Uploads as sources that are read once: what the datasets ask of the sources and the engine.
//
// Thread safety: all of it. It blocks.
#pragma once

#include <string>

#include "sidecar/config/types.h"
#include "sidecar/datasets/agent.h"
#include "src/base/result.h"

namespace gatehouse::app {

/// As datasets::ToParquet.
Result<datasets::Imported> import_to_parquet(const config::Engine& limits,
                                             const datasets::Import& import,
                                             const std::string& out);

/// As datasets::ToRun.
Result<datasets::NewRun> import_run(const config::Engine& limits, const datasets::Import& import);

}  // namespace gatehouse::app
