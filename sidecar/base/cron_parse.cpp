#include <array>
#include <charconv>
#include <vector>

#include "sidecar/base/cron.h"

namespace gatehouse::sidecar {

namespace {

struct Field {
    const char* name;
    unsigned first, last;
    const std::array<const char*, 12>* names;  ///< null: numbers only
    unsigned names_from;
};

constexpr std::array<const char*, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<const char*, 12> weekday_names{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

constexpr std::array<Field, 5> fields{{
    {"minute", 0, 59, nullptr, 0},
    {"hour", 0, 23, nullptr, 0},
    {"day of month", 1, 31, nullptr, 0},
    {"month", 1, 12, &month_names, 1},
    {"day of week", 0, 7, &weekday_names, 0},
}};

struct Nickname {
    std::string_view name, meaning;
};

constexpr std::array<Nickname, 7> nicknames{{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

constexpr std::size_t longest_text = 512;

std::string quoted(std::string_view text)
{
    return '"' + std::string(text) + '"';
}

template <std::size_t N>
std::bitset<N> narrow(const std::bitset<60>& bits)
{
    std::bitset<N> out;
    for (std::size_t i = 0; i < N; ++i) {
        out[i] = bits[i];
    }
    return out;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators)
{
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find_first_of(separators);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> found = split(text, " \t");
    std::erase_if(found, [](std::string_view word) { return word.empty(); });
    return found;
}

std::string lower(std::string_view text)
{
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::optional<unsigned> parse_number(std::string_view text)
{
    unsigned value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end && !text.empty() ? std::optional(value)
                                                                : std::nullopt;
}

std::optional<unsigned> parse_value(const Field& field, std::string_view text)
{
    if (const auto number = parse_number(text)) {
        return number;
    }
    const std::string name = lower(text);
    for (unsigned i = 0; field.names != nullptr && i < field.names->size(); ++i) {
        if (const char* known = (*field.names)[i]; known != nullptr && name == known) {
            return i + field.names_from;
        }
    }
    return std::nullopt;
}

}  // namespace

class CronParser {
public:
    static Result<CronExpression> parse(std::string_view text);

private:
    using Bits = std::bitset<60>;

    static Result<Bits> parse_field(const Field& field, std::string_view text);
    static Result<void> add_item(const Field& field, std::string_view item, Bits& bits);
    static Result<std::pair<unsigned, unsigned>> parse_range(const Field& field,
                                                             std::string_view text);
    static Result<void> store(CronExpression& out, const std::array<Bits, 5>& bits);
};

Result<std::pair<unsigned, unsigned>> CronParser::parse_range(const Field& field,
                                                              std::string_view text)
{
    if (text == "*") {
        return std::pair{field.first, field.last};
    }
    const auto ends = split(text, "-");
    const auto first = parse_value(field, ends.front());
    auto last = parse_value(field, ends.back());
    if (ends.size() > 2 || !first || !last) {
        return Error{quoted(text) + " is not understood as " + field.name};
    }
    if (field.last == 7 && *last == 0 && *first > 0) {
        last = 7;  // fri-sun: Sunday is also 7
    }
    if (*first < field.first || *last > field.last) {
        return Error{quoted(text) + " is outside the " + field.name + "'s " +
                     std::to_string(field.first) + "-" + std::to_string(field.last)};
    }
    if (*first > *last) {
        return Error{"the range " + quoted(text) + " of the " + field.name + " runs backwards"};
    }
    return std::pair{*first, *last};
}

Result<void> CronParser::add_item(const Field& field, std::string_view item, Bits& bits)
{
    const auto parts = split(item, "/");
    const auto range = parse_range(field, parts.front());
    if (!range) {
        return range.error();
    }
    const bool is_range = parts.front() == "*" || parts.front().find('-') != std::string_view::npos;
    const auto step = parts.size() == 1 ? std::optional(1u) : parse_number(parts.back());
    if (parts.size() > 2 || !step || *step == 0 || (parts.size() == 2 && !is_range)) {
        return Error{quoted(item) + " is not a step of the " + field.name +
                     ": write \"*/N\" or \"A-B/N\""};
    }
    for (std::uint64_t value = range->first; value <= range->second; value += *step) {
        bits.set(value);
    }
    return {};
}

Result<CronParser::Bits> CronParser::parse_field(const Field& field, std::string_view text)
{
    Bits bits;
    for (const std::string_view item : split(text, ",")) {
        if (const auto added = add_item(field, item, bits); !added) {
            return added.error();
        }
    }
    return bits;
}

Result<void> CronParser::store(CronExpression& out, const std::array<Bits, 5>& bits)
{
    out.minutes_ = narrow<60>(bits[0]);
    out.hours_ = narrow<24>(bits[1]);
    out.days_ = narrow<32>(bits[2]);
    out.months_ = narrow<13>(bits[3]);
    for (std::size_t i = 0; i <= 7; ++i) {
        out.weekdays_[i % 7] = out.weekdays_[i % 7] || bits[4][i];
    }
    if (!out.next_match(0, CronExpression::horizon)) {
        return Error{"that day never comes"};
    }
    return {};
}

Result<CronExpression> CronParser::parse(std::string_view text)
{
    if (text.size() > longest_text) {
        return Error{"longer than " + std::to_string(longest_text) + " bytes"};
    }
    const auto found = words(text);
    if (found.size() != fields.size()) {
        return Error{std::to_string(found.size()) + (found.size() == 1 ? " field" : " fields") +
                     ", not 5 (minute hour day-of-month month day-of-week)"};
    }
    std::array<Bits, 5> bits;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        auto parsed = parse_field(fields[i], found[i]);
        if (!parsed) {
            return parsed.error();
        }
        bits[i] = *parsed;
    }
    CronExpression out;
    out.minute_star_ = found[0].front() == '*';
    out.hour_star_ = found[1].front() == '*';
    out.day_star_ = found[2].front() == '*';
    out.weekday_star_ = found[4].front() == '*';
    if (const auto stored = store(out, bits); !stored) {
        return stored.error();
    }
    return out;
}

Result<CronExpression> CronExpression::parse(std::string_view text)
{
    if (text.empty() || text.front() != '@') {
        return CronParser::parse(text);
    }
    for (const Nickname& nickname : nicknames) {
        if (lower(text) == nickname.name) {
            return CronParser::parse(nickname.meaning);
        }
    }
    return Error{"not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly"};
}

}  // namespace gatehouse::sidecar
