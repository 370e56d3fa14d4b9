// Where SQL has a source's name, and whether a table stands there or a column: `runs.simulations`
// is a table of source runs, or column simulations of a table that is called runs, too.
//
// Thread safety: free functions without state.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sidecar/base/sql_scan.h"

namespace gatehouse::databases {

/// Tokens of SQL: its pieces but for blanks and comments.
using SqlTokens = std::vector<sidecar::SqlPiece>;

SqlTokens sql_tokens(const std::string& sql);

/// Whether the token is a name, and that one: in lower case, unless it is quoted in the SQL.
bool is_called(const sidecar::SqlPiece& token, const std::string& name);

struct SourceName {
    std::size_t first = 0;  ///< its token
    std::size_t parts = 1;  ///< names that dots join, itself among them
    bool is_table = false;  ///< it stands where a table does
};

/// Where a name begins with the source's. Read are the words that SQL has before tables, not its
/// grammar.
std::vector<SourceName> names_of_source(const SqlTokens& tokens, const std::string& source);

}  // namespace gatehouse::databases
