// gatehousectl token import
#pragma once

#include <string>

#include "ctl/context.h"

namespace gatehouse::ctl {

struct ImportOptions {
    std::string file;     ///< "-": standard input
    std::string expires;  ///< empty: the default
    bool dry_run = false;
};

/// Sends a file of any size in pieces of one request each. All of them are checked before the first
/// is kept. Returns the exit status.
int import_tokens(const Context& context, const ImportOptions& options);

}  // namespace gatehouse::ctl
