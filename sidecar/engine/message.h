// DuckDB's error messages, which run over many lines, as one sentence for the log.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::engine {

/// Keeps what was found, with DuckDB's candidates and the file and line of a CSV; leaves out the
/// kind of error, the query's text and advice in terms of DuckDB's functions.
std::string one_line(std::string_view message);

/// ` (line 2 of the SQL)` where DuckDB points into the query, else empty.
std::string place_in_sql(std::string_view message);

/// The name in `Table with name … does not exist`; empty for any other message.
std::string_view missing_table(std::string_view message) noexcept;

}  // namespace gatehouse::engine
