// Which identifiers a SQL text holds: enough to see which sources a card reads.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// Every identifier outside strings and comments, in lower case as DuckDB compares them; "quoted
/// ones" without their quotes. Keywords are among them. Unclosed quotes and comments run to the
/// end.
std::set<std::string> sql_identifiers(std::string_view sql);

}  // namespace gatehouse::config
