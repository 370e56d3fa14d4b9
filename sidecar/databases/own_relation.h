// A source's own name in SQL that its database runs: what "table" or "query" of the source says.
//
// Thread safety: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::databases {

/// What the source's name stands for as a query; nothing without "table" and "query".
std::optional<std::string> own_query(const config::Source& source);

/// `a.b` as `"a"."b"`, `a` as `"a"`.
std::string quoted_table(const std::string& name);

/// The SQL with the source's name defined before it, where it uses that and the source defines it.
std::string with_own_relation(const std::string& sql, const config::Source& source);

/// The tables that the SQL names as `runs.table`, runs being the source; an empty name among them
/// stands for the source's own, where that is a relation and used. Fails for `runs.schema.table`.
Result<std::vector<std::string>> tables_named(const std::string& sql, const config::Source& source);

/// The SQL with `runs.` left out before tables, runs being the source: `runs.simulations` stands
/// for `simulations`, and `runs.simulations.id` for a column of that. REQUIRES: the source's own
/// name is no relation.
std::string without_source_name(const std::string& sql, const std::string& source);

}  // namespace gatehouse::databases
