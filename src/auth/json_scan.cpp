#include "src/auth/json_tape.h"

#include <array>
#include <bit>
#include <cstring>

#include "src/base/ascii.h"
#include "src/base/utf8.h"

namespace gatehouse::auth {

namespace {

/// What stands in a string for itself, in one byte.
constexpr auto plain = [] {
    std::array<bool, 256> table{};
    for (int c = 0x20; c < 0x80; ++c) {
        table[static_cast<std::size_t>(c)] = c != '"' && c != '\\';
    }
    return table;
}();

bool is_plain(char c) noexcept
{
    return plain[static_cast<unsigned char>(c)];
}

constexpr std::uint64_t in_every_byte(unsigned char byte) noexcept
{
    return byte * 0x0101010101010101U;
}

// The first byte of a text is the lowest of a word.
static_assert(std::endian::native == std::endian::little);

/// Of eight bytes, how many from the first on are plain.
std::size_t plain_of_eight(const char* eight) noexcept
{
    std::uint64_t word;
    std::memcpy(&word, eight, sizeof word);
    // The high bit of a byte says no. A borrow may say so of a byte behind one that is not plain.
    const auto control = word - in_every_byte(0x20);
    const auto quote = (word ^ in_every_byte('"')) - in_every_byte(1);
    const auto backslash = (word ^ in_every_byte('\\')) - in_every_byte(1);
    const auto no = (word | control | quote | backslash) & in_every_byte(0x80);
    return no == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(no)) / 8;
}

constexpr int hex_value(char c) noexcept
{
    if (is_digit(c)) {
        return c - '0';
    }
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// REQUIRES: room for four bytes. Returns past the last one written.
char* put_utf8(char* out, std::uint32_t code) noexcept
{
    const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    }
    return out;
}

class Scanner {
public:
    Scanner(char* text, std::size_t size, JsonNode* nodes) noexcept
        : text_(text), next_(text), end_(text + size), nodes_(nodes), free_(nodes)
    {
    }

    std::size_t document() noexcept
    {
        skip_blanks();
        if (next_ == end_ || *next_ != '{' || !value(max_json_depth)) {
            return 0;
        }
        skip_blanks();
        return next_ == end_ ? static_cast<std::size_t>(free_ - nodes_) : 0;
    }

private:
    void skip_blanks() noexcept
    {
        while (next_ != end_ &&
               (*next_ == ' ' || *next_ == '\n' || *next_ == '\r' || *next_ == '\t')) {
            ++next_;
        }
    }

    /// Takes blanks, then `c`; false, and only blanks are taken, when another stands there.
    bool take(char c) noexcept
    {
        skip_blanks();
        if (next_ == end_ || *next_ != c) {
            return false;
        }
        ++next_;
        return true;
    }

    std::uint16_t offset(const char* at) const noexcept
    {
        return static_cast<std::uint16_t>(at - text_);
    }

    /// Appends the node of the value that begins here. Its name is the caller's.
    bool value(int depth) noexcept
    {
        skip_blanks();
        if (next_ == end_) {
            return false;
        }
        JsonNode& node = *free_++;
        node.at = offset(next_);
        node.size = 0;
        node.nodes = 1;
        switch (*next_) {
        case '"': node.type = JsonType::string; return string(node.at, node.size);
        case '{': node.type = JsonType::object; return depth > 0 && object(node, depth - 1);
        case '[': node.type = JsonType::array; return depth > 0 && array(node, depth - 1);
        case 't': return word(node, JsonType::boolean, "true");
        case 'f': return word(node, JsonType::boolean, "false");
        case 'n': return word(node, JsonType::null, "null");
        default: return number(node);
        }
    }

    bool object(JsonNode& object, int depth) noexcept
    {
        ++next_;
        if (take('}')) {
            return true;
        }
        do {
            skip_blanks();
            JsonNode& member = *free_;
            std::uint16_t name = 0;
            std::uint16_t size = 0;
            if (next_ == end_ || *next_ != '"' || !string(name, size) ||
                has_member(object, {text_ + name, size}) || !take(':') || !value(depth)) {
                return false;
            }
            member.name = name;
            member.name_size = size;
        } while (take(','));
        object.nodes = static_cast<std::uint16_t>(free_ - &object);
        return take('}');
    }

    /// Among those before the one that is being read.
    bool has_member(const JsonNode& object, std::string_view name) const noexcept
    {
        for (const JsonNode* node = &object + 1; node != free_; node += node->nodes) {
            if (name == std::string_view{text_ + node->name, node->name_size}) {
                return true;
            }
        }
        return false;
    }

    bool array(JsonNode& array, int depth) noexcept
    {
        ++next_;
        if (take(']')) {
            return true;
        }
        do {
            JsonNode& element = *free_;
            if (!value(depth)) {
                return false;
            }
            element.name = 0;
            element.name_size = 0;
        } while (take(','));
        array.nodes = static_cast<std::uint16_t>(free_ - &array);
        return take(']');
    }

    bool word(JsonNode& node, JsonType type, std::string_view word) noexcept
    {
        if (static_cast<std::size_t>(end_ - next_) < word.size() ||
            std::memcmp(next_, word.data(), word.size()) != 0) {
            return false;
        }
        next_ += word.size();
        node.type = type;
        node.size = static_cast<std::uint16_t>(word.size());
        return true;
    }

    /// At least one.
    bool digits() noexcept
    {
        const char* first = next_;
        while (next_ != end_ && is_digit(*next_)) {
            ++next_;
        }
        return next_ != first;
    }

    bool skip(char c) noexcept
    {
        const bool there = next_ != end_ && *next_ == c;
        next_ += there ? 1 : 0;
        return there;
    }

    bool number(JsonNode& node) noexcept
    {
        const char* first = next_;
        skip('-');
        if (!skip('0') && !digits()) {
            return false;
        }
        if (skip('.') && !digits()) {
            return false;
        }
        if (skip('e') || skip('E')) {
            if (!skip('+')) {
                skip('-');
            }
            if (!digits()) {
                return false;
            }
        }
        node.type = JsonType::number;
        node.size = static_cast<std::uint16_t>(next_ - first);
        return true;
    }

    void skip_plain() noexcept
    {
        char* next = next_;
        while (end_ - next >= 8) {
            const auto plain_bytes = plain_of_eight(next);
            next += plain_bytes;
            if (plain_bytes != 8) {
                next_ = next;
                return;
            }
        }
        while (next != end_ && is_plain(*next)) {
            ++next;
        }
        next_ = next;
    }

    /// Takes a string with its quotes; says where its characters lie.
    bool string(std::uint16_t& at, std::uint16_t& size) noexcept
    {
        char* const first = ++next_;
        skip_plain();
        at = offset(first);
        if (next_ != end_ && *next_ == '"') [[likely]] {
            size = static_cast<std::uint16_t>(next_ - first);
            ++next_;
            return true;
        }
        char* last = next_;
        if (!unescape(last)) {
            return false;
        }
        size = static_cast<std::uint16_t>(last - first);
        return true;
    }

    /// The rest of a string, from its first byte that is not plain; `out` ends past the last
    /// character written. Nothing is longer than what it was written for.
    bool unescape(char*& out) noexcept
    {
        while (next_ != end_ && *next_ != '"') {
            if (is_plain(*next_)) {
                *out++ = *next_++;
            } else if (*next_ == '\\') {
                if (!escape(out)) {
                    return false;
                }
            } else if (!multibyte(out)) {
                return false;
            }
        }
        return skip('"');
    }

    bool multibyte(char*& out) noexcept
    {
        const Utf8Step step = utf8_step({next_, static_cast<std::size_t>(end_ - next_)});
        if (!step.valid || step.size == 1) {  // one byte that is not plain: a control character
            return false;
        }
        std::memmove(out, next_, step.size);
        out += step.size;
        next_ += step.size;
        return true;
    }

    bool escape(char*& out) noexcept
    {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        ++next_;
        if (next_ == end_) {
            return false;
        }
        const char letter = *next_++;
        if (letter == 'u') {
            std::uint32_t code = 0;
            if (!code_point(code)) {
                return false;
            }
            out = put_utf8(out, code);
            return true;
        }
        const auto found = letters.find(letter);
        if (found == std::string_view::npos) {
            return false;
        }
        *out++ = meanings[found];
        return true;
    }

    /// What follows `\u`, two halves of a surrogate pair included; a half alone is no character.
    bool code_point(std::uint32_t& code) noexcept
    {
        if (!four_digits(code) || (code >= 0xDC00 && code <= 0xDFFF)) {
            return false;
        }
        if (code < 0xD800 || code > 0xDFFF) {
            return true;
        }
        std::uint32_t low = 0;
        if (!skip('\\') || !skip('u') || !four_digits(low) || low < 0xDC00 || low > 0xDFFF) {
            return false;
        }
        code = 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00));
        return true;
    }

    bool four_digits(std::uint32_t& code) noexcept
    {
        if (end_ - next_ < 4) {
            return false;
        }
        code = 0;
        for (int i = 0; i < 4; ++i) {
            const int value = hex_value(*next_++);
            if (value < 0) {
                return false;
            }
            code = code << 4 | static_cast<std::uint32_t>(value);
        }
        return true;
    }

    char* text_;
    char* next_;
    char* end_;
    JsonNode* nodes_;
    JsonNode* free_;
};

}  // namespace

std::size_t scan_json_object(char* text, std::size_t size, JsonNode* nodes) noexcept
{
    if (size > max_json_bytes) {
        return 0;
    }
    return Scanner{text, size, nodes}.document();
}

}  // namespace gatehouse::auth
