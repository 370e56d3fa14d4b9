// UTF-8 as Unicode 15, table 3-7 has it: no overlong forms, no surrogates, nothing over U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse {

inline constexpr std::string_view utf8_replacement = "\xEF\xBF\xBD";  // U+FFFD

/// What stands at the front of a text.
struct Utf8Step {
    std::size_t size = 0;  // bytes to go on by
    bool valid = false;    // false: they deserve one U+FFFD
};

/// A malformed step is a maximal subpart of a sequence, so that every decoder that follows Unicode
/// (browsers, Python) puts the same number of replacement characters.
/// REQUIRES: `text` is not empty.
Utf8Step utf8_step(std::string_view text) noexcept;

}  // namespace gatehouse
