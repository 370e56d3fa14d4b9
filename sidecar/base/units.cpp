#include "sidecar/base/units.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace gatehouse::sidecar {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t ms;
};

constexpr std::array<Unit, 6> units{{
    {"w", 7LL * 24 * 3600 * 1000},
    {"d", 24LL * 3600 * 1000},
    {"h", 3600LL * 1000},
    {"m", 60LL * 1000},
    {"s", 1000},
    {"ms", 1},
}};

constexpr std::int64_t longest_ms = 3660LL * 24 * 3600 * 1000;

template <class Number>
std::optional<Number> take_number(std::string_view& text)
{
    Number value = 0;
    if (text.empty() || text.front() < '0' || text.front() > '9') {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::string_view take_letters(std::string_view& text)
{
    const std::size_t end = std::min(text.find_first_not_of("wdhms"), text.size());
    const std::string_view letters = text.substr(0, end);
    text.remove_prefix(end);
    return letters;
}

std::size_t unit_index(std::string_view name)
{
    std::size_t i = 0;
    while (i < units.size() && units[i].name != name) {
        ++i;
    }
    return i;
}

unsigned size_shift(char letter)
{
    switch (letter) {
    case 'k':
    case 'K': return 10;
    case 'm':
    case 'M': return 20;
    case 'g':
    case 'G': return 30;
    case 't':
    case 'T': return 40;
    default: return 0;
    }
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text)
{
    if (text.empty()) {
        return std::nullopt;
    }
    std::int64_t total = 0;
    std::size_t next = 0;
    while (!text.empty()) {
        const auto number = take_number<std::int64_t>(text);
        const std::size_t unit = unit_index(take_letters(text));
        if (!number || unit >= units.size() || unit < next ||
            *number > longest_ms / units[unit].ms) {
            return std::nullopt;
        }
        total += *number * units[unit].ms;
        next = unit + 1;
    }
    if (total > longest_ms) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(total);
}

std::optional<std::uint64_t> parse_size(std::string_view text)
{
    const auto number = take_number<std::uint64_t>(text);
    if (!number || text.size() > 1) {
        return std::nullopt;
    }
    const unsigned shift = text.empty() ? 0 : size_shift(text.front());
    if ((!text.empty() && shift == 0) || *number > (largest_size >> shift)) {
        return std::nullopt;
    }
    return *number << shift;
}

std::string format_duration(std::chrono::milliseconds duration)
{
    std::int64_t rest = duration.count();
    std::string out;
    for (const Unit& unit : units) {
        if (const std::int64_t n = rest / unit.ms; n > 0) {
            out += std::to_string(n);
            out += unit.name;
            rest %= unit.ms;
        }
    }
    return out.empty() ? "0s" : out;
}

std::string format_size(std::uint64_t bytes)
{
    constexpr std::string_view letters = "tgmk";
    for (unsigned i = 0; i < letters.size(); ++i) {
        const unsigned shift = 40 - 10 * i;
        if (bytes != 0 && (bytes & ((std::uint64_t{1} << shift) - 1)) == 0) {
            return std::to_string(bytes >> shift) + letters[i];
        }
    }
    return std::to_string(bytes);
}

}  // namespace gatehouse::sidecar
