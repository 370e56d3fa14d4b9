#include "sidecar/databases/calendar.h"

#include <charconv>
#include <chrono>

namespace gatehouse::databases {
namespace {

std::optional<int> digits(std::string_view text, std::size_t from, std::size_t length)
{
    if (text.size() < from + length || text[from] == '-') {
        return std::nullopt;
    }
    int value = 0;
    const char* end = text.data() + from + length;
    const auto [stop, error] = std::from_chars(text.data() + from, end, value);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

/// `.25` as 250,000; up to six digits count.
std::optional<std::int64_t> fraction(std::string_view text)
{
    if (text.empty()) {
        return 0;
    }
    if (text.front() != '.' || text.size() < 2 || text.size() > 10 ||
        text.find_first_not_of("0123456789", 1) != text.npos) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    for (std::size_t i = 1; i <= 6; ++i) {
        value = value * 10 + (i < text.size() ? text[i] - '0' : 0);
    }
    return value;
}

/// `23:59`, `23:59:58` or `23:59:58.123456` as microseconds since midnight.
std::optional<std::int64_t> time_of_day(std::string_view text)
{
    const auto hour = digits(text, 0, 2);
    const auto minute = digits(text, 3, 2);
    if (!hour || !minute || text[2] != ':' || *hour > 23 || *minute > 59) {
        return std::nullopt;
    }
    std::int64_t micros = (std::int64_t{*hour} * 60 + *minute) * 60'000'000;
    if (text.size() == 5) {
        return micros;
    }
    const auto second = digits(text, 6, 2);
    const auto rest = text.size() >= 8 ? fraction(text.substr(8)) : std::nullopt;
    if (text[5] != ':' || !second || *second > 59 || !rest) {
        return std::nullopt;
    }
    return micros + *second * 1'000'000 + *rest;
}

}  // namespace

std::optional<std::int32_t> days_in(std::string_view text)
{
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    if (!year || !month || !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
}

std::optional<std::int64_t> microseconds_in(std::string_view text)
{
    if (text.size() < 16 || (text[10] != ' ' && text[10] != 'T')) {
        return std::nullopt;
    }
    const auto days = days_in(text.substr(0, 10));
    const auto time = time_of_day(text.substr(11));
    if (!days || !time) {
        return std::nullopt;
    }
    return std::int64_t{*days} * 86'400'000'000 + *time;
}

}  // namespace gatehouse::databases
