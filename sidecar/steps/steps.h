// Steps: transformations of a card's table, run in the order the card lists them.
//
// Thread safety: free functions without state.
#pragma once

#include <span>

#include "sidecar/base/reducer.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::steps {

/// Whether the step exists and its options are known and in range; for the configuration check.
Result<void> check(const config::Step& step);

/// Runs the steps one after another. The message of an error names the step.
Result<sidecar::Table> apply(std::span<const config::Step> steps, sidecar::Table table);

/// All the steps as a reducer, where the first of them can do without a table of the rows: what the
/// reducer finishes with is what apply() would have made of that table. Empty otherwise.
sidecar::MakeReducer reducer_of(std::span<const config::Step> steps);

}  // namespace gatehouse::steps
