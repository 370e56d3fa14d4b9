#include "src/limit/fields.h"

#include <algorithm>
#include <charconv>

namespace gatehouse::limit {

namespace {

/// `name` has neither quotes nor backslashes: it is made of digits, letters, "/" and spaces.
char* write_string(char* out, std::string_view name) noexcept
{
    *out++ = '"';
    out = std::copy(name.begin(), name.end(), out);
    *out++ = '"';
    return out;
}

char* write_integer(char* out, std::uint64_t value) noexcept
{
    if (value < 10) {
        *out = static_cast<char>('0' + value);
        return out + 1;
    }
    return std::to_chars(out, out + 20, std::min(value, largest_field_integer)).ptr;
}

char* write_parameter(char* out, char name, std::uint64_t value) noexcept
{
    *out++ = ';';
    *out++ = name;
    *out++ = '=';
    return write_integer(out, value);
}

}  // namespace

void append_policy(std::string& list, const Window& window)
{
    char parameters[64];
    char* end = write_parameter(parameters, 'q', window.amount);
    end = write_parameter(end, 'w', (window.period_ms + 999) / 1000);
    list.append(list.empty() ? "\"" : ", \"").append(window.name).append("\"");
    list.append(parameters, end);
}

char* write_rate_limit(char* out, const Window& window, const Outcome& outcome) noexcept
{
    out = write_string(out, window.name);
    out = write_parameter(out, 'r', outcome.remaining);
    return write_parameter(out, 't', seconds_up(outcome.admitted ? outcome.reset : outcome.retry));
}

std::uint64_t retry_after_s(const Outcome& outcome) noexcept
{
    return std::max<std::uint64_t>(seconds_up(outcome.retry), 1);
}

}  // namespace gatehouse::limit
