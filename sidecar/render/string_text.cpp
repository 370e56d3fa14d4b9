#include "sidecar/render/string_text.h"

#include <array>

namespace gatehouse::render {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What follows the backslash; 'u' stands for the six characters of \u00xx, 0 for no escape.
constexpr std::array<char, 256> json_escapes = [] {
    std::array<char, 256> escapes{};
    for (std::size_t c = 0; c < 0x20; ++c) {
        escapes[c] = 'u';
    }
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    escapes['\b'] = 'b';
    escapes['\f'] = 'f';
    escapes['\n'] = 'n';
    escapes['\r'] = 'r';
    escapes['\t'] = 't';
    return escapes;
}();

char json_escape(char c) noexcept
{
    return json_escapes[static_cast<unsigned char>(c)];
}

void write_escaped(Writer& to, char c)
{
    const char escape = json_escape(c);
    to.put('\\');
    to.put(escape);
    if (escape == 'u') {
        const auto byte = static_cast<unsigned char>(c);
        const char digits[] = {'0', '0', hex_digits[byte >> 4], hex_digits[byte & 15]};
        to.put({digits, sizeof digits});
    }
}

bool needs_quotes(std::string_view text) noexcept
{
    return text.empty() || text.find_first_of(",\"\r\n") != text.npos;
}

std::uint32_t byte_at(std::string_view bytes, std::size_t i) noexcept
{
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
}

}  // namespace

void write_json_string(Writer& to, std::string_view text)
{
    to.put('"');
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (json_escape(text[i]) != 0) {
            to.put(text.substr(start, i - start));
            write_escaped(to, text[i]);
            start = i + 1;
        }
    }
    to.put(text.substr(start));
    to.put('"');
}

void write_csv_string(Writer& to, std::string_view text)
{
    if (!needs_quotes(text)) {
        to.put(text);
        return;
    }
    to.put('"');
    std::size_t start = 0;
    for (auto quote = text.find('"'); quote != text.npos; quote = text.find('"', start)) {
        to.put(text.substr(start, quote + 1 - start));
        to.put('"');
        start = quote + 1;
    }
    to.put(text.substr(start));
    to.put('"');
}

void write_base64(Writer& to, std::string_view bytes)
{
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::uint32_t three =
            byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
        char* out = to.room(4);
        out[0] = base64_digits[three >> 18];
        out[1] = base64_digits[three >> 12 & 63];
        out[2] = i + 1 < bytes.size() ? base64_digits[three >> 6 & 63] : '=';
        out[3] = i + 2 < bytes.size() ? base64_digits[three & 63] : '=';
        to.wrote(out + 4);
    }
}

}  // namespace gatehouse::render
