// A source ready to be queried: what sources/ makes of a configured source and engine/ makes a view of.
#pragma once

#include <string>
#include <vector>

namespace gatehouse::sidecar {

struct Relation {
    std::string name;                ///< the source's; the view is called so
    std::string sql;                 ///< a table function call that reads it, such as read_csv(['/data/a.csv'])
    std::vector<std::string> files;  ///< absolute; all that the call may open
};

}  // namespace gatehouse::sidecar
