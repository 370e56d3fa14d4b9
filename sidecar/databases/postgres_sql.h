// A card's SQL as PostgreSQL takes it: parameters by number.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"

namespace gatehouse::databases {

struct NumberedSql {
    std::string sql;                      ///< `$1` for the first name, and so on
    std::vector<std::string> parameters;  ///< their names, each once
};

/// `$name` outside of strings, names and comments as `$n`. Fails for what is not a single query.
Result<NumberedSql> numbered(const std::string& sql);

}  // namespace gatehouse::databases
