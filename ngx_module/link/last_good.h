// The last good board on disk, for the time in which the sidecar is away.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

namespace gatehouse::link_feature {

/// Puts the file's board in place of the one this process holds, if the file's is newer. A file
/// that is not there is no fault; one with any flaw is refused whole, with a line in the log.
void load_last_good_board(const std::string& file, ngx_log_t& log);

/// The same for the tables beside that board file: each that is newer than the one held, and of a
/// name that a feature takes.
void load_last_good_tables(const std::string& board_file, ngx_log_t& log);

}  // namespace gatehouse::link_feature
