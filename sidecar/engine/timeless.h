// Whether SQL gives the same for the same rows, whenever it is run.
#pragma once

#include <string_view>

namespace gatehouse::engine {

/// False as soon as the SQL calls what may depend on the time, on chance or on DuckDB itself.
bool is_timeless(std::string_view sql);

}  // namespace gatehouse::engine
