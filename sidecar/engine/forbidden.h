// Functions that SELECT can call though they do more than yield rows.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::engine {

/// The first function of the SQL that sets DuckDB's options, writes, follows addresses that the SQL
/// gives, or runs other SQL; empty: there is none.
std::string forbidden_function(std::string_view sql);

}  // namespace gatehouse::engine
