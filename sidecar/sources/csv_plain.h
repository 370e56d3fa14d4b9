// A small CSV that leaves no doubt about what it holds, read in a fraction of the time that DuckDB
// takes to guess: and to the same table. Private to sidecar/sources.
#pragma once

#include <optional>
#include <string_view>

#include "sidecar/base/dataset_manifest.h"
#include "sidecar/base/table.h"

namespace gatehouse::sources {

using sidecar::SqlColumns;

/// Names and SQL types. Nothing wherever DuckDB might see it in another way: a quote, a record of
/// another length, a name twice, a column that is not plainly whole numbers (BIGINT), decimal
/// numbers (DOUBLE) or text (VARCHAR), bytes that are no UTF-8. REQUIRES: a header, and the whole
/// text.
std::optional<SqlColumns> plain_columns(std::string_view text, char delimiter, char quote);

/// The rows, under the same conditions. An empty field is NULL.
std::optional<sidecar::Table> plain_table(std::string_view text, char delimiter, char quote);

}  // namespace gatehouse::sources
