// A card's arguments as parameters of a prepared statement.
#pragma once

#include "sidecar/base/arguments.h"
#include "sidecar/engine/duckdb.h"
#include "src/base/result.h"

namespace gatehouse::engine {

/// Gives every parameter of the statement its value: dates as DATE, datetimes as TIMESTAMP in UTC.
/// Fails, naming the parameter, where there is no argument for it. Arguments that the statement
/// does not name are left out.
Result<void> bind(duckdb_prepared_statement statement, const sidecar::Arguments& arguments);

}  // namespace gatehouse::engine
