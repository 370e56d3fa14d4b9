// The names in a table of steps: endpoints, or checks.
#pragma once

#include <string>
#include <vector>

#include "sidecar/base/sql_database.h"
#include "sidecar/history/columns.h"
#include "src/base/result.h"

namespace gatehouse::history {

/// `table`: traffic_steps or health_steps; `column`: what their steps are of. One look-up in the
/// primary key for each name, however many steps there are.
inline Result<std::vector<std::string>> names_in(sidecar::SqlDatabase& database,
                                                 const std::string& table,
                                                 const std::string& column, Number step_s)
{
    const auto first = "select min(" + column + ") as name from " + table + " where step_s = $1";
    const auto rows =
        database.run("with recursive names as (" + first + " union all select (select min(" +
                         column + ") from " + table + " where step_s = $1 and " + column +
                         " > names.name) from names where names.name is not null) "
                         "select name from names where name is not null",
                     {step_s});
    if (!rows) {
        return rows.error();
    }
    std::vector<std::string> names;
    for (const auto& row : *rows) {
        names.push_back(sidecar::value_of<std::string>(row[0]));
    }
    return names;
}

}  // namespace gatehouse::history
