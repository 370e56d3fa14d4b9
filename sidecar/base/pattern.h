// Regular expressions (PCRE2), bounded in time and memory whatever the text.
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::sidecar {

/// Whether it is a regular expression at all.
bool is_pattern(const std::string& pattern);

/// Whether `pattern` occurs in `text`, as JSON Schema's "pattern" asks. `$` is the very end. Text
/// that is not UTF-8, or that exhausts the match limit, does not match. Patterns are compiled once
/// per process. REQUIRES: `pattern` is valid; a broken one matches nothing.
bool matches(const std::string& pattern, std::string_view text);

}  // namespace gatehouse::sidecar
