// Rows of a table in another order, copied: what a selection shares, gathered makes its own.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/base/table_builder.h"

namespace gatehouse::sidecar {

/// The cells at these positions. REQUIRES: each is a row of the vector.
Vector gathered(const Vector& from, const Type& type, std::span<const std::uint64_t> positions);

/// The first `rows` cells.
Vector copied(const Vector& from, const Type& type, std::uint64_t rows);

/// The table's rows in vectors of their own; the table itself when it has them already.
Table compacted(const Table& table);

/// Views of the columns. REQUIRES: the table has no selection, as compacted() makes it.
std::vector<VectorView> views_of(const Table& table);

}  // namespace gatehouse::sidecar
