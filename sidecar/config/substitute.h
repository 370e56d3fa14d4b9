// Variables inside strings.
//
//   ${VAR}            the environment variable; not set: an error
//   ${VAR:-default}   the default when it is not set or empty; the default may hold variables
//   ${VAR:?message}   an error with that message when it is not set or empty
//   ${file:PATH}      the file's text without a final line end, at most 64 KiB; never shown
//   $$                a dollar sign; any other `$` stands for itself
//
// Keys and "$comment" are left alone.
#pragma once

#include "sidecar/config/load.h"
#include "sidecar/config/node.h"

namespace gatehouse::config {

struct Variables {
    Environment environment;
    std::string directory;  ///< what PATH is relative to
};

/// Replaces variables in every string below `node`; the errors go to `out`, at the variable.
void substitute(Node& node, const Variables& variables, Diagnostics& out);

}  // namespace gatehouse::config
