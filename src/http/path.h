// The path of a request, as nginx finds a location by it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::http {

/// Decodes `%XX` once, merges slashes, and resolves `.` and `..`, so that two paths that nginx
/// takes for one are one here. Nothing for what nginx refuses, too: no `/` at the start, a `%`
/// without two hex digits, NUL, `..` above the root; nor for a `#`, which no client sends, and what
/// is not UTF-8.
/// REQUIRES: what stands before the `?`.
std::optional<std::string> normal_path(std::string_view raw);

}  // namespace gatehouse::http
