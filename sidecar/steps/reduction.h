// Steps as a reducer: the first takes rows in batch by batch, the others transform what it makes.
//
// Thread safety: one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sidecar/base/reducer.h"
#include "sidecar/steps/moments.h"
#include "sidecar/steps/step.h"

namespace gatehouse::steps {

/// The steps as one reducer. Where the first is none, or there is none, it keeps the rows. The
/// steps must outlive it.
Result<std::unique_ptr<sidecar::Reducer>> chain(std::span<const config::Step> steps,
                                                std::span<const sidecar::Column> columns,
                                                SharedMoments& moments);

/// Runs a step that reduces over a table.
Result<sidecar::Table> reduce_table(const config::Step& step, const sidecar::Table& table);

}  // namespace gatehouse::steps
