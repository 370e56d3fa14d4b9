#include "src/auth/json_tape.h"

#include "src/base/ascii.h"

namespace gatehouse::auth {

JsonValue JsonValue::member(std::string_view name) const noexcept
{
    if (is(JsonType::object)) {
        for (const JsonValue member : *this) {
            if (member.name() == name) {
                return member;
            }
        }
    }
    return {};
}

std::optional<std::int64_t> JsonValue::whole() const noexcept
{
    constexpr std::size_t most_digits = 16;  // of 2^53 - 1
    const auto digits = text();
    if (!is(JsonType::number) || digits.size() > most_digits) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    for (const char c : digits) {
        if (!is_digit(c)) {
            return std::nullopt;
        }
        number = number * 10 + (c - '0');
    }
    if (number >= std::int64_t{1} << 53) {
        return std::nullopt;
    }
    return number;
}

}  // namespace gatehouse::auth
