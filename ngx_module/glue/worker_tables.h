// Tables that the sidecar makes for the guards of this process: the link hands them in, features
// take them.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <string_view>

#include "src/base/result.h"
#include "src/board/table.h"

namespace gatehouse::glue {

/// Looks at a table and either keeps its memory, in place of the one before, or says why not and
/// goes on with that one. In the master it is called before it forks; it must be quick in a worker.
using TakeTable = Result<void> (*)(board::Table table);

/// From postconfiguration. Of tables whose name is `name`, or begins with it where it ends with a
/// colon. The same name again replaces.
void on_table(std::string_view name, TakeTable take);

/// What a feature does when a table was there, but nobody can read it any more, and none of that
/// name was ever taken. Of exactly this name; default: nothing.
using LoseTable = void (*)();
void on_lost_table(std::string_view name, LoseTable lose);

/// Where a file of a table is damaged.
void lose_table(std::string_view name);

/// To whoever takes it; one that is refused is logged. A table that nobody takes is dropped.
void take_table(board::Table table);

/// Of the table of that name that was taken last; 0: none was.
std::uint64_t table_generation(std::string_view name) noexcept;

}  // namespace gatehouse::glue
