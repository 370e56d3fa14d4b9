// Digits of percent-encoding (RFC 3986 §2.1).
#pragma once

namespace gatehouse::http {

/// 0 to 15, or -1.
constexpr int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const int letter = c | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace gatehouse::http
