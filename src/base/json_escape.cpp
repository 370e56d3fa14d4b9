#include "src/base/json_escape.h"

#include <array>
#include <cstddef>

#include "src/base/utf8.h"

namespace gatehouse {
namespace {

/// Which bytes stand for themselves.
constexpr auto plain_bytes = [] {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x80; ++byte) {
        plain[byte] = byte != '"' && byte != '\\';
    }
    return plain;
}();

constexpr bool is_plain(char c) noexcept
{
    return plain_bytes[static_cast<unsigned char>(c)];
}

/// The letter of a two-character escape, or 0.
constexpr char short_escape(char c) noexcept
{
    switch (c) {
    case '"':
    case '\\': return c;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
    }
}

void append_escape(std::string& out, char c)
{
    constexpr std::string_view hex = "0123456789abcdef";
    if (const char letter = short_escape(c)) {
        out += '\\';
        out += letter;
        return;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\u00";
    out += hex[byte >> 4];
    out += hex[byte & 0x0F];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text)
{
    out += '"';
    while (!text.empty()) {
        std::size_t run = 0;
        while (run < text.size() && is_plain(text[run])) {
            ++run;
        }
        out.append(text.substr(0, run));
        text.remove_prefix(run);
        if (text.empty()) {
            break;
        }
        const Utf8Step step = utf8_step(text);
        if (!step.valid) {
            out += utf8_replacement;
        } else if (step.size > 1) {
            out.append(text.substr(0, step.size));
        } else {
            append_escape(out, text.front());
        }
        text.remove_prefix(step.size);
    }
    out += '"';
}

}  // namespace gatehouse
