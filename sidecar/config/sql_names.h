// Which identifiers a SQL text holds: enough to see which sources and cards a card reads.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// Every identifier outside strings and comments, in lower case as DuckDB compares them; "quoted
/// ones" without their quotes. Keywords are among them. Unclosed quotes and comments run to the
/// end.
std::set<std::string> sql_identifiers(std::string_view sql);

/// The names that the SQL reads as relations, in lower case: those behind FROM and JOIN and in the
/// lists there, without functions, names of WITH and names with a schema.
std::set<std::string> sql_relations(std::string_view sql);

}  // namespace gatehouse::config
