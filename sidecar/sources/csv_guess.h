// Guards the types that DuckDB guesses for a CSV's columns.
//
// It guesses from the first rows, and converts later ones without complaint where something is
// lost: once a column counts as BIGINT, 1.5 becomes 2 and 1e-05 becomes 0; once it counts as DATE,
// times of day go.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "sidecar/sources/kind.h"

namespace gatehouse::sources {

using SqlColumns = std::vector<std::pair<std::string, std::string>>;  ///< name, SQL type

/// For Relation::confirm. Reads columns of those types as text by `call`, which states no types
/// yet, and converts what loses nothing; any other value is an error that names source, column and
/// value. `not_in_files`: columns that are no part of the text.
std::function<std::string(std::span<const sidecar::Column>)> confirmation(
    const config::Source& source, const Call& call, const std::set<std::string>& not_in_files);

/// SQL that reads by `call` all of these columns, as the first rows were found to have them.
std::string confirmed(const config::Source& source, Call call, SqlColumns columns);

}  // namespace gatehouse::sources
