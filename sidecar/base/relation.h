// A source ready to be queried: what sources/ makes of a configured source and engine/ makes a view
// of.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sidecar/base/table.h"

namespace gatehouse::sidecar {

/// A function that the engine adds to SQL: whole_number(text, before, after) is the text as a
/// BIGINT, or an error that says before || text || after when it is none. NULL stays NULL.
inline constexpr const char* whole_number_function = "gatehouse_whole_number";

struct Relation {
    std::string name{};                ///< the source's; the view is called so
    std::string sql{};                 ///< what follows FROM, such as read_csv(['/data/a.csv'])
    std::vector<std::string> files{};  ///< absolute; all that the SQL may open

    /// Not empty: SQL reads these rows, held here, in tables of the same columns, one after
    /// another. `sql`, if there is any, would yield the same; it is not looked at, nor is
    /// `confirm`.
    std::vector<Table> rows{};

    /// Not empty: the view is called `schema.name`, as a table of a database source is.
    std::string schema{};

    /// Set where types are guessed from the first rows. Given the columns that `sql` was found to
    /// have, returns SQL that fails at a later row the guess does not fit, or nothing when none can
    /// be lost.
    std::function<std::string(std::span<const Column>)> confirm{};
};

}  // namespace gatehouse::sidecar
