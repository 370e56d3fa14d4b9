#include "src/limit/grammar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "src/base/ascii.h"

namespace gatehouse::limit {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t seconds;
};

constexpr std::array units{Unit{"second", 1},   Unit{"minute", 60},       Unit{"hour", 3600},
                           Unit{"day", 86'400}, Unit{"month", 2'592'000}, Unit{"year", 31'104'000}};

constexpr std::uint64_t largest_rate = 1'000'000;  // per second or per minute

/// Reads a text from left to right. Each step that fits takes what it read away.
class Reader {
public:
    explicit Reader(std::string_view text) noexcept : rest_(text) {}

    void skip_spaces() noexcept
    {
        while (!rest_.empty() && is_space(rest_.front())) {
            rest_.remove_prefix(1);
        }
    }

    bool take(std::string_view word) noexcept
    {
        if (rest_.size() < word.size() ||
            !equals_ignoring_case(rest_.substr(0, word.size()), word)) {
            return false;
        }
        rest_.remove_prefix(word.size());
        return true;
    }

    /// Digits alone; a number that is too large is the largest one.
    std::optional<std::uint64_t> number() noexcept
    {
        const auto digits = std::find_if_not(rest_.begin(), rest_.end(), is_digit);
        if (digits == rest_.begin()) {
            return std::nullopt;
        }
        std::uint64_t value = 0;
        const auto end = rest_.data() + (digits - rest_.begin());
        if (std::from_chars(rest_.data(), end, value).ec != std::errc{}) {
            value = ~std::uint64_t{0};
        }
        rest_.remove_prefix(static_cast<std::size_t>(digits - rest_.begin()));
        return value;
    }

    bool done() const noexcept { return rest_.empty(); }

private:
    static bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

    std::string_view rest_;
};

Error malformed(std::string_view text)
{
    return {"\"" + std::string{text} +
            "\" is no quota, it must be such as \"10/minute\", \"5 per 2 hours\" or \"10/minute; "
            "200/day\""};
}

std::string window_name(std::uint64_t amount, std::uint64_t multiple, const Unit& unit)
{
    auto name = std::to_string(amount) + "/";
    if (multiple == 1) {
        return name.append(unit.name);
    }
    return name + std::to_string(multiple) + " " + std::string{unit.name} + "s";
}

Result<Window> make_window(std::string_view text, std::uint64_t amount, std::uint64_t multiple,
                           const Unit& unit, Algorithm algorithm, Align align)
{
    const std::uint64_t most_multiple = longest_period_ms / 1000 / unit.seconds;
    if (amount == 0 || multiple == 0) {
        return Error{"\"" + std::string{text} +
                     "\" admits nothing, amount and period must not be 0"};
    }
    if (multiple > most_multiple) {
        return Error{"\"" + std::string{text} + "\" has a period of more than 20 years"};
    }
    const std::uint64_t period_ms = multiple * unit.seconds * 1000;
    if (const auto most = largest_amount(algorithm, period_ms); amount > most) {
        return Error{"\"" + std::string{text} + "\" admits more than the " + std::to_string(most) +
                     " that this window can count"};
    }
    return quota_window(algorithm, align, amount, period_ms, window_name(amount, multiple, unit));
}

/// One window, up to the separator behind it.
Result<Window> read_window(Reader& reader, std::string_view text, Algorithm algorithm, Align align)
{
    reader.skip_spaces();
    const auto amount = reader.number();
    reader.skip_spaces();
    if (!amount || !(reader.take("/") || reader.take("per"))) {
        return malformed(text);
    }
    reader.skip_spaces();
    const auto multiple = reader.number();
    reader.skip_spaces();
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const Unit& u) { return reader.take(u.name); });
    if (unit == units.end()) {
        return malformed(text);
    }
    reader.take("s");
    reader.skip_spaces();
    return make_window(text, *amount, multiple.value_or(1), *unit, algorithm, align);
}

}  // namespace

Result<std::uint64_t> parse_rate(std::string_view text)
{
    Reader reader{text};
    const auto count = reader.number();
    const std::uint64_t scale = reader.take("r/s") ? 1 : reader.take("r/m") ? 60 : 0;
    if (!count || scale == 0 || !reader.done()) {
        return Error{"\"" + std::string{text} +
                     "\" is no rate, it must be such as \"10r/s\" or \"30r/m\""};
    }
    if (*count == 0 || *count > largest_rate) {
        return Error{"the rate \"" + std::string{text} + "\" is not between 1 and " +
                     std::to_string(largest_rate)};
    }
    return *count * 1000 / scale;
}

Result<std::vector<Window>> parse_quota(std::string_view text, Algorithm algorithm, Align align)
{
    std::vector<Window> windows;
    Reader reader{text};
    do {
        auto window = read_window(reader, text, algorithm, align);
        if (!window) {
            return window.error();
        }
        if (windows.size() == most_quota_windows) {
            return Error{"\"" + std::string{text} + "\" has more than " +
                         std::to_string(most_quota_windows) + " windows"};
        }
        windows.push_back(std::move(*window));
    } while (reader.take(";") || reader.take(",") || reader.take("|"));
    if (!reader.done()) {
        return malformed(text);
    }
    return windows;
}

Result<Algorithm> parse_algorithm(std::string_view text)
{
    constexpr std::array<std::string_view, 3> names{"gcra", "sliding", "fixed"};
    constexpr std::array algorithms{Algorithm::gcra, Algorithm::sliding, Algorithm::fixed};
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) {
        return Error{"unknown window \"" + std::string{text} +
                     "\", it must be \"gcra\", \"sliding\" or \"fixed\""};
    }
    return algorithms[static_cast<std::size_t>(found - names.begin())];
}

}  // namespace gatehouse::limit
