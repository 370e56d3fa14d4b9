// The SQL that picks what a request wants out of a card's rows, which it knows as `gatehouse_rows`.
// Names of columns come from the table itself and values are bound: nothing of a request gets into
// the text.
//
// Thread safety: free functions without state.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/on_demand/question.h"

namespace gatehouse::on_demand {

inline constexpr const char* rows_relation = "gatehouse_rows";

struct RowsQuery {
    std::string sql;
    sidecar::Arguments arguments;
};

/// Filter, sort, cursor, and one row more than `limit`, which tells whether there are more. `key`:
/// the card's. Columns that are not there, or of a type that cannot be compared, and values that
/// are none of their column's type are refused.
std::variant<RowsQuery, std::vector<InvalidParam>> rows_query(
    std::span<const sidecar::Column> columns, const Options& options, const std::string& key);

/// These columns, in this order.
std::variant<RowsQuery, std::vector<InvalidParam>> fields_query(
    std::span<const sidecar::Column> columns, const std::vector<std::string>& fields);

/// What a cursor holds of the row at `offset`: one row of VARCHARs. REQUIRES: rows_query accepted
/// these options.
RowsQuery cursor_query(std::span<const sidecar::Column> columns, const Options& options,
                       const std::string& key, std::uint64_t offset);

/// One row with a boolean: whether the values of the request's cursor are ones of their columns'
/// types. REQUIRES: rows_query accepted these options, and there is a cursor.
RowsQuery cursor_check(std::span<const sidecar::Column> columns, const Options& options,
                       const std::string& key);

}  // namespace gatehouse::on_demand
