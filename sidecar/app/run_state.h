// Where runs of datasets are kept.
#pragma once

#include <memory>

#include "sidecar/config/types.h"
#include "sidecar/datasets/run_store.h"

namespace gatehouse::app {

/// In the PostgreSQL database of state.url, else in the file of state.path; null where there is
/// neither. Opens it when it is first used.
std::shared_ptr<datasets::RunStore> open_runs(const config::State& state);

}  // namespace gatehouse::app
