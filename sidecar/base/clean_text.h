// Text from outside, as databases and pages take it.
//
// Thread safety: a free function without state.
#pragma once

#include <string>
#include <string_view>

#include "src/base/utf8.h"

namespace gatehouse::sidecar {

/// Whatever is no UTF-8, and NUL, becomes U+FFFD; what is longer than `longest` bytes is cut
/// between two characters.
inline std::string clean_text(std::string_view text, std::size_t longest = std::string::npos)
{
    std::string out;
    while (!text.empty()) {
        const auto step = utf8_step(text);
        const auto piece =
            step.valid && text.front() != '\0' ? text.substr(0, step.size) : utf8_replacement;
        if (piece.size() > longest - out.size()) {
            break;
        }
        out += piece;
        text.remove_prefix(step.size);
    }
    return out;
}

}  // namespace gatehouse::sidecar
