// Rows of a Table as DuckDB's vectors: the reverse of views_of in types.h.
#pragma once

#include <cstdint>
#include <span>

#include "sidecar/base/table.h"
#include "sidecar/engine/duckdb.h"

namespace gatehouse::engine {

/// In place of a row's position: NULL.
inline constexpr std::uint64_t no_row = ~std::uint64_t{0};

/// Fills the vector's rows from 0 on with the named rows of `from`. Long texts are not copied:
/// `from` must outlive whatever is made of the vector. REQUIRES: `to` is of logical_type(type) and
/// has room for the rows; each position is a row of `from`, or no_row.
void fill(duckdb_vector to, const sidecar::Type& type, const sidecar::Vector& from,
          std::span<const std::uint64_t> positions);

}  // namespace gatehouse::engine
