// The SQL function that converts text to BIGINT where nothing is lost, and fails otherwise.
//
// DuckDB's own cast rounds: 1.5 becomes 2.
#pragma once

#include "sidecar/engine/duckdb.h"
#include "src/base/result.h"

namespace gatehouse::engine {

/// Registers sidecar::whole_number_function, described at Relation, for all connections.
Result<void> register_whole_number(const Connection& connection);

}  // namespace gatehouse::engine
