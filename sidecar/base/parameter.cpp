#include "sidecar/base/parameter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "sidecar/base/pattern.h"
#include "src/base/utf8.h"

namespace gatehouse::sidecar {
namespace {

constexpr std::array<std::string_view, 7> type_names{"integer",  "number", "string", "date",
                                                     "datetime", "enum",   "boolean"};

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// How many digits the text begins with.
std::size_t digits(std::string_view text) noexcept
{
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) {
        ++count;
    }
    return count;
}

template <class Number>
std::optional<Number> converted(std::string_view text) noexcept
{
    Number value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

/// `-?(0|[1-9][0-9]*)`, and not -0.
std::optional<std::int64_t> integer_in(std::string_view text) noexcept
{
    const std::string_view magnitude = text.substr(text.starts_with('-') ? 1 : 0);
    const bool plain = !magnitude.empty() && digits(magnitude) == magnitude.size() &&
                       (magnitude.front() != '0' || text == "0");
    return plain ? converted<std::int64_t>(text) : std::nullopt;
}

/// A number as JSON writes it (RFC 8259 §6), finite.
std::optional<double> number_in(std::string_view text) noexcept
{
    std::string_view rest = text.substr(text.starts_with('-') ? 1 : 0);
    const std::size_t whole = digits(rest);
    if (whole == 0 || (whole > 1 && rest.front() == '0')) {
        return std::nullopt;
    }
    rest.remove_prefix(whole);
    if (rest.starts_with('.')) {
        const std::size_t fraction = digits(rest.substr(1));
        rest.remove_prefix(fraction == 0 ? 0 : 1 + fraction);
    }
    if (rest.starts_with('e') || rest.starts_with('E')) {
        const std::size_t sign = rest.size() > 1 && (rest[1] == '+' || rest[1] == '-') ? 1 : 0;
        const std::size_t exponent = digits(rest.substr(1 + sign));
        rest.remove_prefix(exponent == 0 ? 0 : 1 + sign + exponent);
    }
    const auto value = rest.empty() ? converted<double>(text) : std::nullopt;
    return value && std::isfinite(*value) ? value : std::nullopt;
}

/// Digits at fixed places: the number they spell.
std::optional<int> field(std::string_view text, std::size_t at, std::size_t length) noexcept
{
    if (text.size() < at + length || digits(text.substr(at, length)) != length) {
        return std::nullopt;
    }
    return converted<int>(text.substr(at, length));
}

/// `YYYY-MM-DD`, a day of the calendar in the years 1 to 9999.
std::optional<std::chrono::sys_days> day_in(std::string_view text) noexcept
{
    const auto year = field(text, 0, 4);
    const auto month = field(text, 5, 2);
    const auto day = field(text, 8, 2);
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !year || *year == 0 || !month ||
        !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    return date.ok() ? std::optional{std::chrono::sys_days{date}} : std::nullopt;
}

/// `Z`, `+02:00`, `-05:30`.
std::optional<std::chrono::minutes> offset_in(std::string_view text) noexcept
{
    if (text == "Z" || text == "z") {
        return std::chrono::minutes{0};
    }
    const auto hours = field(text, 1, 2);
    const auto minutes = field(text, 4, 2);
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || !hours ||
        !minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const std::chrono::minutes offset{*hours * 60 + *minutes};
    return text[0] == '-' ? -offset : offset;
}

std::string two_digits(std::int64_t value)
{
    return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

/// In UTC; nothing where the offset leads out of the years 1 to 9999.
std::optional<std::string> utc_text(std::chrono::sys_seconds time, std::string_view fraction)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const int year = static_cast<int>(date.year());
    if (year < 1 || year > 9999) {
        return std::nullopt;
    }
    const auto second = (time - day).count();
    return two_digits(year / 100) + two_digits(year % 100) + '-' +
           two_digits(static_cast<unsigned>(date.month())) + '-' +
           two_digits(static_cast<unsigned>(date.day())) + 'T' + two_digits(second / 3600) + ':' +
           two_digits(second / 60 % 60) + ':' + two_digits(second % 60) + std::string{fraction} +
           'Z';
}

/// RFC 3339 §5.6, at most six digits of a fraction, no leap seconds; in UTC.
std::optional<std::string> datetime_in(std::string_view text)
{
    const auto day = day_in(text.substr(0, std::min<std::size_t>(text.size(), 10)));
    const auto hour = field(text, 11, 2);
    const auto minute = field(text, 14, 2);
    const auto second = field(text, 17, 2);
    if (!day || !hour || !minute || !second || (text[10] != 'T' && text[10] != 't') ||
        text[13] != ':' || text[16] != ':' || *hour > 23 || *minute > 59 || *second > 59) {
        return std::nullopt;
    }
    std::string_view rest = text.substr(19);
    std::string_view fraction;
    if (rest.starts_with('.')) {
        const std::size_t places = digits(rest.substr(1));
        if (places == 0 || places > 6) {
            return std::nullopt;
        }
        fraction = rest.substr(0, 1 + places);
        rest.remove_prefix(1 + places);
    }
    const auto offset = offset_in(rest);
    if (!offset) {
        return std::nullopt;
    }
    using namespace std::chrono;
    return utc_text(
        sys_seconds{*day} + hours{*hour} + minutes{*minute} + seconds{*second} - *offset, fraction);
}

std::string number_text(double value)
{
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string range_text(const Parameter& parameter)
{
    if (parameter.minimum && parameter.maximum) {
        return " from " + number_text(*parameter.minimum) + " to " +
               number_text(*parameter.maximum);
    }
    if (parameter.minimum) {
        return ", at least " + number_text(*parameter.minimum);
    }
    return parameter.maximum ? ", at most " + number_text(*parameter.maximum) : "";
}

template <class Number>
Result<ArgumentValue> within(const Parameter& parameter, std::optional<Number> value,
                             std::string_view what)
{
    const bool fits = value &&
                      !(static_cast<double>(*value) < parameter.minimum.value_or(*value)) &&
                      !(static_cast<double>(*value) > parameter.maximum.value_or(*value));
    if (!fits) {
        return Error{"must be " + std::string{what} + range_text(parameter)};
    }
    return ArgumentValue{*value};
}

bool is_utf8(std::string_view text) noexcept
{
    while (!text.empty()) {
        const auto step = utf8_step(text);
        if (!step.valid) {
            return false;
        }
        text.remove_prefix(step.size);
    }
    return true;
}

Result<ArgumentValue> string_value(const Parameter& parameter, std::string_view text)
{
    if (!is_utf8(text) || text.find('\0') != text.npos) {
        return Error{"must be text in UTF-8"};
    }
    if (text.size() > parameter.max_length) {
        return Error{"must have at most " + std::to_string(parameter.max_length) + " bytes"};
    }
    if (!parameter.pattern.empty() && !matches(parameter.pattern, text)) {
        return Error{"must match " + parameter.pattern};
    }
    return ArgumentValue{std::string{text}};
}

Result<ArgumentValue> label(const Parameter& parameter, std::string_view text)
{
    const auto& values = parameter.values;
    if (std::find(values.begin(), values.end(), text) != values.end()) {
        return ArgumentValue{std::string{text}};
    }
    constexpr std::size_t most_named = 20;
    std::string names;
    for (std::size_t i = 0; i < std::min(values.size(), most_named); ++i) {
        names += (i == 0 ? "" : ", ") + values[i];
    }
    return Error{"must be one of " + names + (values.size() > most_named ? ", …" : "")};
}

Result<ArgumentValue> or_else(std::optional<std::string> value, const char* message)
{
    return value ? Result<ArgumentValue>{ArgumentValue{std::move(*value)}} : Error{message};
}

Result<ArgumentValue> boolean(std::string_view text)
{
    return text == "true" || text == "false" ? Result<ArgumentValue>{ArgumentValue{text == "true"}}
                                             : Error{"must be true or false"};
}

}  // namespace

std::string_view name_of(ParameterType type) noexcept
{
    return type_names[static_cast<std::size_t>(type)];
}

std::optional<ParameterType> parameter_type_named(std::string_view name) noexcept
{
    const auto found = std::find(type_names.begin(), type_names.end(), name);
    return found == type_names.end()
               ? std::nullopt
               : std::optional{static_cast<ParameterType>(found - type_names.begin())};
}

Result<ArgumentValue> parse_value(const Parameter& parameter, std::string_view text)
{
    switch (parameter.type) {
    case ParameterType::integer: return within(parameter, integer_in(text), "an integer");
    case ParameterType::number: return within(parameter, number_in(text), "a number");
    case ParameterType::string: return string_value(parameter, text);
    case ParameterType::date:
        return or_else(day_in(text) ? std::optional<std::string>{text} : std::nullopt,
                       "must be a date such as 2026-01-31");
    case ParameterType::datetime:
        return or_else(datetime_in(text), "must be a date and time such as 2026-01-31T12:00:00Z");
    case ParameterType::enumeration: return label(parameter, text);
    case ParameterType::boolean: return boolean(text);
    }
    return Error{"has a type that is not known"};
}

Result<ArgumentValue> parse_value(ParameterType type, std::string_view text)
{
    Parameter parameter;
    parameter.type = type;
    return parse_value(parameter, text);
}

}  // namespace gatehouse::sidecar
