#include "sidecar/render/time_text.h"

#include <cstring>
#include <limits>

#include "sidecar/render/number_text.h"

namespace gatehouse::render {
namespace {

constexpr std::int64_t seconds_per_day = 86'400;

char* copy(char* to, const char* text) noexcept
{
    const std::size_t length = std::strlen(text);
    std::memcpy(to, text, length);
    return to + length;
}

char* write_year(char* to, std::int64_t year) noexcept
{
    if (year < 0 || year > 9999) {
        *to++ = year < 0 ? '-' : '+';
    }
    return write_padded(to, static_cast<std::uint64_t>(year < 0 ? -year : year), 4);
}

/// Days to a date: "days_from_civil" by Howard Hinnant run backwards, on 64 bits, since DuckDB's
/// years exceed those of std::chrono.
char* write_day(char* to, std::int64_t days) noexcept
{
    days += 719'468;  // 0000-03-01
    const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
    const std::int64_t day_of_era = days - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;  // 0 is March
    const std::int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;

    to = write_year(to, year_of_era + era * 400 + (month <= 2 ? 1 : 0));
    *to++ = '-';
    to = write_padded(to, static_cast<std::uint64_t>(month), 2);
    *to++ = '-';
    return write_padded(to, static_cast<std::uint64_t>(day), 2);
}

char* write_clock(char* to, std::int64_t second, std::int64_t fraction, unsigned digits) noexcept
{
    to = write_padded(to, static_cast<std::uint64_t>(second / 3600), 2);
    *to++ = ':';
    to = write_padded(to, static_cast<std::uint64_t>(second / 60 % 60), 2);
    *to++ = ':';
    to = write_padded(to, static_cast<std::uint64_t>(second % 60), 2);
    if (fraction != 0) {
        *to++ = '.';
        to = write_padded(to, static_cast<std::uint64_t>(fraction), digits);
    }
    return to;
}

template <class Int>
const char* infinity(Int value) noexcept
{
    constexpr Int most = std::numeric_limits<Int>::max();
    return value == most ? "infinity" : value == -most ? "-infinity" : nullptr;
}

std::int64_t floor_divide(std::int64_t value, std::int64_t by) noexcept
{
    return value / by - (value % by < 0 ? 1 : 0);
}

std::int64_t power_of_ten(unsigned digits) noexcept
{
    std::int64_t power = 1;
    for (; digits > 0; --digits) {
        power *= 10;
    }
    return power;
}

}  // namespace

char* write_date(char* to, std::int32_t days) noexcept
{
    if (const char* name = infinity(days)) {
        return copy(to, name);
    }
    return write_day(to, days);
}

char* write_time(char* to, std::int64_t microseconds) noexcept
{
    return write_clock(to, microseconds / 1'000'000, microseconds % 1'000'000, 6);
}

char* write_timestamp(char* to, std::int64_t units, unsigned digits, const char* zone) noexcept
{
    if (const char* name = infinity(units)) {
        return copy(to, name);
    }
    const std::int64_t per_second = power_of_ten(digits);
    const std::int64_t seconds = floor_divide(units, per_second);
    const std::int64_t day = floor_divide(seconds, seconds_per_day);
    to = write_day(to, day);
    *to++ = 'T';
    to = write_clock(to, seconds - day * seconds_per_day, units - seconds * per_second, digits);
    return copy(to, zone);
}

}  // namespace gatehouse::render
