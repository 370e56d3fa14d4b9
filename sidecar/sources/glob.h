// Path patterns: `*`, `?` and `[…]` within a name, `**` for any depth of directories.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/watched.h"

namespace gatehouse::sources {

struct GlobMatches {
    std::vector<std::string> paths;  ///< sorted; a pattern without wildcards matches what exists
    std::vector<sidecar::WatchedName> searched;  ///< directories, and for which names
};

bool is_pattern(std::string_view path) noexcept;

/// Expands an absolute pattern. Names that begin with a dot are matched by an explicit dot only.
/// A wildcard in the last name matches no directory; a directory that cannot be read matches
/// nothing.
GlobMatches expand(const std::string& pattern);

}  // namespace gatehouse::sources
