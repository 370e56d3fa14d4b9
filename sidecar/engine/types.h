// DuckDB's types and chunks in the terms of sidecar/base/table.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/table_builder.h"
#include "sidecar/engine/duckdb.h"

namespace gatehouse::engine {

/// The type as tables know it; nothing when they do not, which includes a known type of unknown
/// parts.
std::optional<sidecar::Type> table_type(duckdb_logical_type type);

/// The reverse of table_type. A column of NULLs only is INTEGER there; a decimal has all the digits
/// that its storage has.
LogicalType logical_type(const sidecar::Type& type);

/// SQL of the nearest type that tables know: unknown parts become VARCHAR.
std::string known_type_sql(duckdb_logical_type type);

/// Views of a chunk's columns; they live as long as the chunk.
std::vector<sidecar::VectorView> views_of(duckdb_data_chunk chunk,
                                          const std::vector<sidecar::Type>& types);

}  // namespace gatehouse::engine
