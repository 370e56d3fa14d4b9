// The path of a request's target as nginx has it in $uri.
#include <algorithm>

#include "src/board/key_text.h"
#include "src/board/variant_key.h"

namespace gatehouse::board {

namespace {

/// Removes the last segment of a path that ends with '/'. False: there is none.
bool step_up(std::string& path)
{
    path.pop_back();
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) {
        return false;
    }
    path.resize(slash + 1);
    return true;
}

}  // namespace

std::optional<std::string> normalized_path(std::string_view target)
{
    auto rest = decoded(target.substr(0, target.find('#')));
    if (!rest || !rest->starts_with('/') || rest->find('\0') != std::string::npos) {
        return std::nullopt;
    }
    std::string path = "/";
    for (std::size_t at = 1; at <= rest->size();) {
        const auto end = std::min(rest->find('/', at), rest->size());
        const auto segment = std::string_view{*rest}.substr(at, end - at);
        if (segment == "..") {
            if (!step_up(path)) {
                return std::nullopt;
            }
        } else if (segment != "." && !segment.empty()) {
            path.append(segment).append(end < rest->size() ? "/" : "");
        }
        at = end + 1;
    }
    return path;
}

}  // namespace gatehouse::board
