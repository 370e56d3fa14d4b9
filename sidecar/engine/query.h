// A card's SQL, checked and ready to run.
#pragma once

#include <string>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/engine/duckdb.h"
#include "src/base/result.h"

namespace gatehouse::engine {

struct Query {
    Prepared statement;
    std::vector<sidecar::Column> columns;  ///< of types that tables know; others are cast to them
};

/// Refuses what is not one statement that only reads. The error's message is DuckDB's own, or ours
/// where it is we who refuse.
Result<Query> prepare(const Connection& connection, const std::string& sql);

}  // namespace gatehouse::engine
