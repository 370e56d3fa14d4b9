#include "sidecar/base/json_cursor.h"

#include <algorithm>
#include <utility>

#include "src/base/ascii.h"
#include "src/base/utf8.h"

namespace gatehouse::sidecar {

namespace {

void put(std::string* out, std::uint32_t code)
{
    if (out == nullptr) {
        return;
    }
    const auto add = [out](std::uint32_t byte) { *out += static_cast<char>(byte); };
    if (code < 0x80) {
        return add(code);
    }
    if (code < 0x800) {
        add(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        add(0xE0 | code >> 12);
        add(0x80 | (code >> 6 & 0x3F));
    } else {
        add(0xF0 | code >> 18);
        add(0x80 | (code >> 12 & 0x3F));
        add(0x80 | (code >> 6 & 0x3F));
    }
    add(0x80 | (code & 0x3F));
}

}  // namespace

bool JsonCursor::fail(std::string what)
{
    if (!error_) {
        const auto before = text_.substr(0, std::min(at_, text_.size()));
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const auto start = before.rfind('\n');
        const auto column = before.size() - (start == before.npos ? 0 : start + 1) + 1;
        error_ = Error{"line " + std::to_string(line) + ", column " + std::to_string(column) +
                       ": " + std::move(what)};
    }
    return false;
}

bool JsonCursor::expected(const char* what)
{
    return fail(at_ >= text_.size() ? "the document ends too early"
                                    : std::string("there is no ") + what);
}

void JsonCursor::space() noexcept
{
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
        ++at_;
    }
}

bool JsonCursor::take(char c) noexcept
{
    const bool there = peek() == c && at_ < text_.size();
    at_ += there ? 1 : 0;
    return there;
}

bool JsonCursor::word(std::string_view word)
{
    if (!text_.substr(at_).starts_with(word)) {
        return fail("this is no JSON value");
    }
    at_ += word.size();
    return true;
}

bool JsonCursor::digits()
{
    if (!is_digit(peek())) {
        return fail("this is no JSON value");
    }
    while (is_digit(peek())) {
        ++at_;
    }
    return true;
}

bool JsonCursor::number()
{
    if (at_ >= text_.size()) {
        return expected("value");
    }
    take('-');
    const bool zero = peek() == '0';
    if (zero) {
        ++at_;
    } else if (!digits()) {
        return false;
    }
    if (zero && is_digit(peek())) {
        return fail("a number begins with 0");
    }
    if (take('.') && !digits()) {
        return false;
    }
    if (take('e') || take('E')) {
        if (!take('+')) {
            take('-');
        }
        return digits();
    }
    return true;
}

bool JsonCursor::string(std::string* out)
{
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
        const auto byte = static_cast<unsigned char>(text_[at_]);
        if (byte < 0x20) {
            return fail("a control character in a string");
        }
        if (byte == '\\') {
            if (!escape(out)) {
                return false;
            }
            continue;
        }
        const auto step = byte < 0x80 ? Utf8Step{1, true} : utf8_step(text_.substr(at_));
        if (!step.valid) {
            return fail("not UTF-8");
        }
        if (out != nullptr) {
            out->append(text_.substr(at_, step.size));
        }
        at_ += step.size;
    }
    return take('"') || expected("closing quote");
}

bool JsonCursor::escape(std::string* out)
{
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    if (const auto i = letters.find(c); c != '\0' && i != letters.npos) {
        if (out != nullptr) {
            *out += meant[i];
        }
        at_ += 2;
        return true;
    }
    const auto first = c == 'u' ? unit(at_ + 2) : std::nullopt;
    if (!first) {
        return fail("an escape that JSON does not have");
    }
    if (*first >= 0xD800 && *first <= 0xDFFF) {
        return pair(*first, out);
    }
    at_ += 6;
    put(out, *first);
    return true;
}

/// Two escapes for a character beyond the first 65,536.
bool JsonCursor::pair(std::uint32_t first, std::string* out)
{
    const auto second = at_ + 6 <= text_.size() && text_.substr(at_ + 6).starts_with("\\u")
                            ? unit(at_ + 8)
                            : std::nullopt;
    if (first > 0xDBFF || !second || *second < 0xDC00 || *second > 0xDFFF) {
        return fail("half of a surrogate pair");
    }
    at_ += 12;
    put(out, 0x10000 + ((first - 0xD800) << 10) + (*second - 0xDC00));
    return true;
}

std::optional<std::uint32_t> JsonCursor::unit(std::size_t at) const
{
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        const char c = i < text_.size() ? to_lower(text_[i]) : '\0';
        const bool letter = c >= 'a' && c <= 'f';
        if (!is_digit(c) && !letter) {
            return std::nullopt;
        }
        value = value << 4 | static_cast<std::uint32_t>(letter ? c - 'a' + 10 : c - '0');
    }
    return value;
}

}  // namespace gatehouse::sidecar
