#include "src/board/key_text.h"

#include "src/base/utf8.h"

namespace gatehouse::board {

KeyFlaw encode(std::string_view text, const Plain& plain, Out& out) noexcept
{
    while (true) {
        const auto size = plain_prefix(text, plain);
        if (!out.put_all(text.substr(0, size))) {
            return KeyFlaw::too_long;
        }
        text.remove_prefix(size);
        if (text.empty()) {
            return KeyFlaw::none;
        }
        if (text.front() == '\0') {
            return KeyFlaw::nul;
        }
        const auto step = utf8_step(text);
        if (!step.valid) {
            return KeyFlaw::bad_utf8;
        }
        for (const char c : text.substr(0, step.size)) {
            if (!out.put_escaped(static_cast<unsigned char>(c))) {
                return KeyFlaw::too_long;
            }
        }
        text.remove_prefix(step.size);
    }
}

KeyFlaw decode(std::string_view raw, Out& out) noexcept
{
    while (!raw.empty()) {
        int byte = static_cast<unsigned char>(raw.front());
        std::size_t size = 1;
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            byte = escaped_byte(raw);
            size = 3;
        }
        if (byte < 0) {
            return KeyFlaw::bad_escape;
        }
        // What is decoded is never longer than its canonical form.
        if (!out.put(static_cast<char>(byte))) {
            return KeyFlaw::too_long;
        }
        raw.remove_prefix(size);
    }
    return KeyFlaw::none;
}

KeyFlaw recode(std::string_view raw, Out& out) noexcept
{
    if (plain_prefix(raw, plain_in_query) == raw.size()) {
        return out.put_all(raw) ? KeyFlaw::none : KeyFlaw::too_long;
    }
    std::array<char, longest_variant_key> room;
    Out decoded{room};
    const auto flaw = decode(raw, decoded);
    return flaw == KeyFlaw::none ? encode(decoded.text(), plain_in_query, out) : flaw;
}

std::optional<std::string> decoded(std::string_view text)
{
    std::string result;
    while (!text.empty()) {
        const bool escaped = text.front() == '%';
        const int byte = escaped ? escaped_byte(text) : static_cast<unsigned char>(text.front());
        if (byte < 0) {
            return std::nullopt;
        }
        result += static_cast<char>(byte);
        text.remove_prefix(escaped ? 3 : 1);
    }
    return result;
}

}  // namespace gatehouse::board
