// The listening side of a stream socket at a path.
#pragma once

#include <sys/types.h>

#include <string>

#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse::control {

/// As link::listen: replaces a socket file left by a dead process, refuses one that somebody
/// listens on.
Result<UniqueFd> listen(const std::string& path, mode_t mode);

}  // namespace gatehouse::control
