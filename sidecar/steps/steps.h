// Steps: transformations of a card's table, run in the order the card lists them.
//
// Thread safety: free functions without state.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::steps {

/// Runs the steps one after another. The message of an error names the step.
Result<sidecar::Table> apply(std::span<const config::Step> steps, sidecar::Table table);

/// Whether the step exists and its options are known and in range; for the configuration check.
Result<void> check(const config::Step& step);

/// Names of the steps, for messages and documents.
std::vector<std::string> names();

}  // namespace gatehouse::steps
