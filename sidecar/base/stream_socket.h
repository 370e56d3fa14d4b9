// The listening side of a stream socket at a path.
#pragma once

#include <sys/types.h>

#include <string>

#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {

struct StreamSocket {
    std::string what;  ///< "control", "api": for messages
    std::string path;
    mode_t mode = 0600;
    gid_t group = static_cast<gid_t>(-1);  ///< -1: our own
};

/// As link::listen: replaces a socket file left by a dead process, refuses one that somebody
/// listens on.
Result<UniqueFd> listen(const StreamSocket& socket);

}  // namespace gatehouse::sidecar
