#include "src/base/json_escape.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/base/utf8.h"

namespace gatehouse {
namespace {

constexpr bool is_plain(char c) noexcept
{
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

constexpr std::uint64_t in_every_byte(unsigned char byte) noexcept
{
    return byte * 0x0101010101010101U;
}

/// Whether all eight bytes are plain; never true for those that are not.
bool are_plain(const char* eight) noexcept
{
    constexpr auto high = in_every_byte(0x80);
    std::uint64_t word;
    std::memcpy(&word, eight, sizeof word);
    // The high bit of a byte says no; a borrow from a byte that is not plain may only add a no.
    const auto control = word - in_every_byte(0x20);
    const auto quote = (word ^ in_every_byte('"')) - in_every_byte(1);
    const auto backslash = (word ^ in_every_byte('\\')) - in_every_byte(1);
    return ((word | control | quote | backslash) & high) == 0;
}

std::size_t plain_run(std::string_view text) noexcept
{
    std::size_t run = 0;
    while (run + 8 <= text.size() && are_plain(text.data() + run)) {
        run += 8;
    }
    while (run < text.size() && is_plain(text[run])) {
        ++run;
    }
    return run;
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
        const auto run = plain_run(text);
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
