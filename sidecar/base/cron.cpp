#include "sidecar/base/cron.h"

#include <date/tz.h>

#include <algorithm>

namespace gatehouse::sidecar {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::int64_t floor_minutes(date::sys_seconds time, seconds offset)
{
    return std::chrono::floor<minutes>(time.time_since_epoch() + offset).count();
}

date::sys_seconds to_sys(std::int64_t local_minute, seconds offset)
{
    return date::sys_seconds{minutes{local_minute} - offset};
}

}  // namespace

const date::time_zone* find_time_zone(const std::string& name) noexcept
try {
    return date::locate_zone(name);
} catch (...) {
    return nullptr;
}

bool CronExpression::day_matches(Day day) const
{
    const date::sys_days days{date::days{static_cast<int>(day)}};
    const date::year_month_day civil{days};
    if (!months_[static_cast<unsigned>(civil.month())]) {
        return false;
    }
    const bool by_day = days_[static_cast<unsigned>(civil.day())];
    const bool by_weekday = weekdays_[date::weekday{days}.c_encoding()];
    return day_star_ || weekday_star_ ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<unsigned> CronExpression::minute_of_day(unsigned from) const
{
    for (unsigned hour = from / 60, minute = from % 60; hour < 24; ++hour, minute = 0) {
        for (; hours_[hour] && minute < 60; ++minute) {
            if (minutes_[minute]) {
                return hour * 60 + minute;
            }
        }
    }
    return std::nullopt;
}

std::optional<CronExpression::Minute> CronExpression::next_match(Minute from, Minute end) const
{
    while (from < end) {
        const Day day = from >= 0 ? from / day_length : (from + 1) / day_length - 1;
        const Minute midnight = day * day_length;
        if (day_matches(day)) {
            if (const auto found = minute_of_day(static_cast<unsigned>(from - midnight))) {
                return midnight + *found < end ? std::optional(midnight + *found) : std::nullopt;
            }
        }
        from = midnight + day_length;
    }
    return std::nullopt;
}

// Walks the stretches of constant offset from UTC, so that matching within each is plain
// arithmetic.
std::optional<CronExpression::TimePoint> CronExpression::next_after(
    TimePoint after, const date::time_zone& zone) const
{
    const auto start = std::chrono::floor<seconds>(after);
    const auto last = start + minutes{horizon};
    date::sys_info stretch = zone.get_info(start);
    const date::sys_info before = zone.get_info(stretch.begin - seconds{1});
    Minute from = floor_minutes(start, stretch.offset) + 1;
    if (names_times()) {
        from = std::max(from, floor_minutes(stretch.begin, before.offset));
    }
    while (true) {
        const auto until = std::min(stretch.end, last);
        const Minute end = floor_minutes(until, stretch.offset);
        if (const auto match = next_match(from, end)) {
            return to_sys(*match, stretch.offset);
        }
        if (until == last) {
            return std::nullopt;
        }
        const date::sys_info next = zone.get_info(stretch.end);
        const Minute resumed = floor_minutes(next.begin, next.offset);
        if (names_times() && end < resumed && next_match(end, resumed)) {
            return next.begin;
        }
        from = names_times() ? std::max(end, resumed) : resumed;
        stretch = next;
    }
}

minutes CronExpression::longest_gap() const
{
    constexpr int runs = 2000;
    constexpr Minute leap_cycle = 5LL * 366 * day_length;
    std::optional<Minute> last = next_match(0, horizon);
    Minute longest = 0;
    for (int i = 0; last && i < runs && (*last < leap_cycle || longest == 0); ++i) {
        const auto next = next_match(*last + 1, *last + horizon);
        longest = std::max(longest, next.value_or(*last) - *last);
        last = next;
    }
    return minutes{longest};
}

}  // namespace gatehouse::sidecar
