// Where an event of the file system may mean that a source has changed.
#pragma once

#include <string>

namespace gatehouse::sidecar {

struct WatchedName {
    std::string directory;
    std::string name;  ///< in it; may be a pattern

    auto operator<=>(const WatchedName&) const = default;
};

}  // namespace gatehouse::sidecar
