// Text as it stands in the key of a variant: which bytes stand for themselves, escapes, and room to
// write into. Private to src/board.
//
// Thread safety: free functions without state. Nothing here allocates but what returns a
// std::string.
#pragma once

#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/board/variant_key.h"

namespace gatehouse::board {

constexpr bool is_unreserved(unsigned char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

constexpr bool stands_in_path(unsigned char c) noexcept
{
    return is_unreserved(c) ||
           std::string_view{"/!$&'()*+,;=:@"}.find(static_cast<char>(c)) != std::string_view::npos;
}

/// Which bytes stand for themselves.
using Plain = std::array<bool, 256>;

template <class Is>
constexpr Plain plain_bytes(Is is)
{
    Plain plain{};
    for (unsigned c = 0; c < plain.size(); ++c) {
        plain[c] = is(static_cast<unsigned char>(c));
    }
    return plain;
}

inline constexpr Plain plain_in_path = plain_bytes(stands_in_path);
inline constexpr Plain plain_in_query = plain_bytes(is_unreserved);

/// -1: it is none.
constexpr int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const int letter = c | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// The byte that the escape at the front of `text` stands for, or -1. REQUIRES: it begins with '%'.
constexpr int escaped_byte(std::string_view text) noexcept
{
    if (text.size() < 3) {
        return -1;
    }
    const int high = hex_digit(text[1]);
    const int low = hex_digit(text[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/// Room that is given away from the front.
class Out {
public:
    explicit Out(std::span<char> room) noexcept : room_(room) {}

    bool put(char c) noexcept
    {
        if (size_ == room_.size()) {
            return false;
        }
        room_[size_++] = c;
        return true;
    }

    bool put_escaped(unsigned char c) noexcept
    {
        constexpr std::string_view digits = "0123456789ABCDEF";
        return put('%') && put(digits[c >> 4]) && put(digits[c & 15]);
    }

    bool put_all(std::string_view text) noexcept
    {
        if (text.size() > room_.size() - size_) {
            return false;
        }
        std::memcpy(room_.data() + size_, text.data(), text.size());
        size_ += text.size();
        return true;
    }

    std::size_t size() const noexcept { return size_; }
    std::string_view text(std::size_t from = 0) const noexcept
    {
        return {room_.data() + from, size_ - from};
    }

private:
    std::span<char> room_;
    std::size_t size_ = 0;
};

/// How many bytes at the front stand for themselves.
inline std::size_t plain_prefix(std::string_view text, const Plain& plain) noexcept
{
    std::size_t size = 0;
    while (size < text.size() && plain[static_cast<unsigned char>(text[size])]) {
        ++size;
    }
    return size;
}

/// Of decoded text.
KeyFlaw encode(std::string_view text, const Plain& plain, Out& out) noexcept;

/// As browsers write names and values: `%XX`, and '+' for a blank.
KeyFlaw decode(std::string_view raw, Out& out) noexcept;

/// Encodes the raw text of a query anew.
KeyFlaw recode(std::string_view raw, Out& out) noexcept;

/// Decodes a part of a key; '+' is no blank there.
std::optional<std::string> decoded(std::string_view text);

}  // namespace gatehouse::board
