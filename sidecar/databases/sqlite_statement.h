// A prepared SQLite statement's arguments and columns.
//
// Thread safety: that of the statement's connection.
#pragma once

#include <sqlite3.h>

#include "sidecar/base/arguments.h"
#include "sidecar/databases/sqlite_column.h"
#include "src/base/result.h"

namespace gatehouse::databases {

/// Gives every parameter its value; fails, naming it, where there is no argument for one. Texts are
/// not copied: the arguments must outlive the run.
Result<void> bind(sqlite3_stmt* statement, const sidecar::Arguments& arguments);

/// Fails when two columns have one name.
Result<std::vector<SqliteColumn>> columns_of(sqlite3_stmt* statement);

/// The statement's row, added to the columns.
void append_row(sqlite3_stmt* statement, std::vector<SqliteColumn>& columns);

/// A table of what was appended.
sidecar::Table table_of(sqlite3_stmt* statement, std::vector<SqliteColumn> columns,
                        std::uint64_t rows);

}  // namespace gatehouse::databases
