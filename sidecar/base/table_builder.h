// Collects batches of rows into a Table: copies what is used of each, so that small batches waste
// no memory.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sidecar/base/table.h"

namespace gatehouse::sidecar {

/// Rows of one column in foreign memory, in the cell layout stated at TypeId.
struct VectorView {
    const void* data = nullptr;
    const std::uint64_t* validity = nullptr;  ///< null: every row is valid
    std::uint64_t child_rows = 0;             ///< of a list or map: rows of children[0]
    std::vector<VectorView> children;
};

class TableBuilder {
public:
    explicit TableBuilder(std::vector<Column> columns);

    /// Copies `rows` rows. REQUIRES: one view per column.
    void append(std::span<const VectorView> views, std::uint64_t rows);

    std::uint64_t rows() const noexcept { return rows_; }

    /// Bytes held by what was appended.
    std::uint64_t bytes() const noexcept { return bytes_; }

    /// The table of everything appended; the builder is spent.
    Table finish() &&;

private:
    std::vector<Column> columns_;
    std::vector<Vector> vectors_;
    std::uint64_t rows_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace gatehouse::sidecar
