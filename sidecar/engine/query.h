// A card's SQL, checked and ready to run.
#pragma once

#include <string>
#include <vector>

#include "sidecar/base/arguments.h"
#include "sidecar/base/table.h"
#include "sidecar/engine/duckdb.h"
#include "src/base/result.h"

namespace gatehouse::engine {

struct Query {
    Prepared statement;                    ///< every parameter bound
    std::vector<sidecar::Column> columns;  ///< of types that tables know; others are cast to them
    QueryResult result{};                  ///< streaming, once started
    bool started = false;
};

/// Refuses what is not one statement that only reads. The error's message is DuckDB's own, or ours
/// where it is we who refuse. Starts the query where its types depend on its arguments.
Result<Query> prepare(const Connection& connection, const std::string& sql,
                      const sidecar::Arguments& arguments = {});

/// Starts the query unless it is.
Result<void> start(Query& query);

}  // namespace gatehouse::engine
