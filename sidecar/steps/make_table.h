// Columns made of values, lists and objects: what steps put their results into.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sidecar/base/table.h"

namespace gatehouse::steps {

/// A column's type and its cells.
struct Cells {
    sidecar::Type type;
    sidecar::Vector vector;
};

/// DOUBLE, FLOAT or BIGINT.
template <class Number>
Cells cells_of(std::span<const Number> values)
{
    static_assert(std::is_same_v<Number, double> || std::is_same_v<Number, float> ||
                  std::is_same_v<Number, std::int64_t>);
    Cells cells;
    cells.type.id = std::is_same_v<Number, double>  ? sidecar::TypeId::float64
                    : std::is_same_v<Number, float> ? sidecar::TypeId::float32
                                                    : sidecar::TypeId::int64;
    cells.vector.data.resize(values.size_bytes());
    if (!values.empty()) {
        std::memcpy(cells.vector.data.data(), values.data(), values.size_bytes());
    }
    return cells;
}

template <class Number>
Cells cells_of(const std::vector<Number>& values)
{
    return cells_of(std::span<const Number>(values));
}

Cells cells_of(const std::vector<std::string>& texts);

/// One list in each row: so many of the elements, one after the other. REQUIRES: the lengths come
/// to the number of elements.
Cells lists_of(Cells elements, std::span<const std::uint64_t> lengths);

/// `rows` lists of equal length.
Cells equal_lists_of(Cells elements, std::uint64_t length, std::uint64_t rows);

/// A table's column, copied. REQUIRES: the table has no selection.
Cells copy_of(const sidecar::Table& table, std::size_t column);

/// An object in each row, of these fields.
Cells objects_of(std::vector<std::pair<std::string, Cells>> fields);

/// One row: the table's rows as a list of objects.
Cells list_of_rows(const sidecar::Table& table);

/// One row: the table's first row as an object. REQUIRES: it has one.
Cells object_of_row(const sidecar::Table& table);

/// Columns under construction.
class TableMaker {
public:
    explicit TableMaker(std::uint64_t rows) : rows_(rows) {}

    /// REQUIRES: as many cells as the table has rows.
    TableMaker& add(std::string name, Cells cells);

    sidecar::Table done() &&;

private:
    std::uint64_t rows_;
    std::vector<sidecar::Column> columns_;
    std::vector<sidecar::Vector> vectors_;
};

}  // namespace gatehouse::steps
