// Which DuckDB it is.
#pragma once

#include <string>

namespace gatehouse::engine {

std::string duckdb_version();

}  // namespace gatehouse::engine
