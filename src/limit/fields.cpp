#include "src/limit/fields.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

namespace gatehouse::limit {

namespace {

constexpr auto digit_pairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

// Everything is written before `end`, the last character first: then no number's digits need to be
// counted ahead.

char* write_integer(char* end, std::uint64_t value) noexcept
{
    value = std::min(value, largest_field_integer);
    for (; value >= 100; value /= 100) {
        end -= 2;
        std::memcpy(end, &digit_pairs[2 * (value % 100)], 2);
    }
    if (value >= 10) {
        end -= 2;
        std::memcpy(end, &digit_pairs[2 * value], 2);
    } else {
        *--end = static_cast<char>('0' + value);
    }
    return end;
}

char* write_parameter(char* end, char name, std::uint64_t value) noexcept
{
    end = write_integer(end, value);
    *--end = '=';
    *--end = name;
    *--end = ';';
    return end;
}

/// `name` has neither quotes nor backslashes: it is made of digits, letters, "/" and spaces.
char* write_string(char* end, std::string_view name) noexcept
{
    *--end = '"';
    end -= name.size();
    std::memcpy(end, name.data(), name.size());
    *--end = '"';
    return end;
}

}  // namespace

void append_policy(std::string& list, const Window& window)
{
    char parameters[64];
    char* const end = std::end(parameters);
    char* begin = write_parameter(end, 'w', (window.period_ms + 999) / 1000);
    begin = write_parameter(begin, 'q', window.amount);
    list.append(list.empty() ? "\"" : ", \"").append(window.name).append("\"");
    list.append(begin, end);
}

char* write_rate_limit(char* end, const Window& window, const Outcome& outcome) noexcept
{
    end = write_parameter(end, 't', seconds_up(outcome.admitted ? outcome.reset : outcome.retry));
    end = write_parameter(end, 'r', outcome.remaining);
    return write_string(end, window.name);
}

std::uint64_t retry_after_s(const Outcome& outcome) noexcept
{
    return std::max<std::uint64_t>(seconds_up(outcome.retry), 1);
}

}  // namespace gatehouse::limit
