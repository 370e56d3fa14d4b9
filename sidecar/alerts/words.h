// Numbers for people.
#pragma once

#include <charconv>
#include <string>

namespace gatehouse::alerts {

/// Six significant digits, and no zeros at the end.
inline std::string in_words(double number)
{
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::general, 6);
    return {text, end.ptr};
}

}  // namespace gatehouse::alerts
