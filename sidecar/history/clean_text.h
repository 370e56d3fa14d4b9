// Names and messages as every database takes them.
#pragma once

#include <string>
#include <string_view>

#include "src/base/utf8.h"

namespace gatehouse::history {

inline constexpr std::size_t longest_text = 512;

/// Whatever is no UTF-8, and NUL, becomes U+FFFD; what is too long is cut between two characters.
inline std::string clean_text(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const auto step = utf8_step(text);
        const auto piece =
            step.valid && text.front() != '\0' ? text.substr(0, step.size) : utf8_replacement;
        if (out.size() + piece.size() > longest_text) {
            break;
        }
        out += piece;
        text.remove_prefix(step.size);
    }
    return out;
}

}  // namespace gatehouse::history
