// Five-field cron expressions in IANA time zones.
//
// Fields: minute 0-59, hour 0-23, day of month 1-31, month 1-12 or jan-dec, day of week 0-7 or
// sun-sat (0 and 7 are Sunday). A field is `*`, a number, a range `a-b`, either range with a step
// `*/n` `a-b/n`, or a comma list of these. When day of month and day of week are both restricted
// (neither starts with `*`) a day matches by either, as in cron(8). Also @yearly @annually @monthly
// @weekly @daily @midnight @hourly.
//
// Clock changes follow cron(8). When neither minute nor hour starts with `*`, the entry names times
// of day:
//   - a time that the clock jumps over runs once, at the first instant after the jump;
//   - a time that occurs twice runs at its first occurrence only.
// When minute or hour starts with `*`, the entry is an interval: it runs whenever the wall clock
// matches, so an hour that is skipped has no runs and an hour that occurs twice has both.
//
// Thread safety: immutable once parsed.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace date {
class time_zone;
}

namespace gatehouse::sidecar {

/// The zone of that IANA name ("Europe/Berlin", "UTC"); null when there is none. Valid until the
/// process ends.
const date::time_zone* find_time_zone(const std::string& name) noexcept;

class CronExpression {
public:
    using TimePoint = std::chrono::system_clock::time_point;

    /// Errors: a field that is out of range or not understood, and dates that never come (30
    /// February).
    static Result<CronExpression> parse(std::string_view text);

    /// The first run strictly after `after`; nothing only when none comes within 29 years (29
    /// February on a restricted weekday comes by then).
    std::optional<TimePoint> next_after(TimePoint after, const date::time_zone& zone) const;

    /// The longest wait between two runs in a common stretch of the calendar, clock changes aside:
    /// what a freshness limit must exceed.
    std::chrono::minutes longest_gap() const;

private:
    friend class CronParser;
    using Day = std::int64_t;     // days since 1970-01-01
    using Minute = std::int64_t;  // minutes since 1970-01-01 on the wall clock

    static constexpr Minute day_length = 24LL * 60;
    // The calendar holds every date with every weekday within 28 years, save around 2100.
    static constexpr Minute horizon = 29LL * 366 * day_length;

    CronExpression() = default;
    bool day_matches(Day day) const;
    std::optional<unsigned> minute_of_day(unsigned from) const;
    std::optional<Minute> next_match(Minute from, Minute end) const;
    bool names_times() const { return !minute_star_ && !hour_star_; }

    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<8> weekdays_;
    bool minute_star_ = false, hour_star_ = false, day_star_ = false, weekday_star_ = false;
};

}  // namespace gatehouse::sidecar
