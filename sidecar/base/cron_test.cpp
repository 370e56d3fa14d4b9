#include "sidecar/base/cron.h"

#include <date/tz.h>
#include <gtest/gtest.h>

#include <cstdio>

namespace gatehouse::sidecar {
namespace {

using TimePoint = CronExpression::TimePoint;

TimePoint utc(const std::string& text)
{
    int year = 0;
    unsigned month = 0, day = 0, hour = 0, minute = 0;
    EXPECT_EQ(std::sscanf(text.c_str(), "%d-%u-%uT%u:%uZ", &year, &month, &day, &hour, &minute), 5)
        << text;
    return date::sys_days{date::year{year} / month / day} + std::chrono::hours{hour} +
           std::chrono::minutes{minute};
}

/// The next `count` runs in UTC, space separated.
std::string runs(const std::string& expression, const std::string& zone, const std::string& after,
                 int count)
{
    const auto cron = CronExpression::parse(expression);
    EXPECT_TRUE(cron) << cron.error().message;
    TimePoint time = utc(after);
    std::string out;
    for (int i = 0; i < count; ++i) {
        const auto next = cron->next_after(time, *find_time_zone(zone));
        if (!next) {
            return out + (i == 0 ? "" : " ") + "never";
        }
        time = *next;
        out += (i == 0 ? "" : " ") +
               date::format("%Y-%m-%dT%H:%MZ", date::floor<std::chrono::seconds>(time));
    }
    return out;
}

std::string refusal(const std::string& expression)
{
    const auto cron = CronExpression::parse(expression);
    return cron ? "accepted" : cron.error().message;
}

TEST(Cron, Fields)
{
    EXPECT_EQ(runs("0 3 * * *", "UTC", "2026-01-01T00:00Z", 2),
              "2026-01-01T03:00Z 2026-01-02T03:00Z");
    EXPECT_EQ(runs("0 3 * * *", "UTC", "2026-01-01T03:00Z", 1), "2026-01-02T03:00Z");
    EXPECT_EQ(runs("*/20 5 * * *", "UTC", "2026-01-01T00:00Z", 4),
              "2026-01-01T05:00Z 2026-01-01T05:20Z 2026-01-01T05:40Z 2026-01-02T05:00Z");
    EXPECT_EQ(runs("10-30/10,55 0 1 * *", "UTC", "2026-01-01T00:00Z", 5),
              "2026-01-01T00:10Z 2026-01-01T00:20Z 2026-01-01T00:30Z 2026-01-01T00:55Z "
              "2026-02-01T00:10Z");
    EXPECT_EQ(runs("0 0 1 JAN,jul *", "UTC", "2026-01-01T00:00Z", 2),
              "2026-07-01T00:00Z 2027-01-01T00:00Z");
    EXPECT_EQ(runs("0 9 * * mon-fri", "UTC", "2026-01-02T09:00Z", 1), "2026-01-05T09:00Z");
}

TEST(Cron, SundayIsBothZeroAndSeven)
{
    for (const char* day : {"0", "7", "sun", "SUN"}) {
        EXPECT_EQ(runs(std::string("0 0 * * ") + day, "UTC", "2026-01-01T00:00Z", 1),
                  "2026-01-04T00:00Z");
    }
    EXPECT_EQ(runs("0 0 * * fri-sun", "UTC", "2026-01-01T00:00Z", 4),
              "2026-01-02T00:00Z 2026-01-03T00:00Z 2026-01-04T00:00Z 2026-01-09T00:00Z");
    EXPECT_EQ(runs("0 0 * * 5-7", "UTC", "2026-01-01T00:00Z", 1), "2026-01-02T00:00Z");
}

TEST(Cron, DayOfMonthOrDayOfWeek)
{
    // The 13th, and every Friday: crontab(5).
    EXPECT_EQ(runs("0 0 13 * 5", "UTC", "2026-01-01T00:00Z", 3),
              "2026-01-02T00:00Z 2026-01-09T00:00Z 2026-01-13T00:00Z");
    // A field that starts with `*` restricts together with the other one.
    EXPECT_EQ(runs("0 0 */2 * 5", "UTC", "2026-01-01T00:00Z", 2),
              "2026-01-09T00:00Z 2026-01-23T00:00Z");
}

TEST(Cron, Nicknames)
{
    EXPECT_EQ(runs("@hourly", "UTC", "2026-01-01T00:30Z", 1), "2026-01-01T01:00Z");
    EXPECT_EQ(runs("@daily", "UTC", "2026-01-01T00:30Z", 1), "2026-01-02T00:00Z");
    EXPECT_EQ(runs("@midnight", "UTC", "2026-01-01T00:30Z", 1), "2026-01-02T00:00Z");
    EXPECT_EQ(runs("@weekly", "UTC", "2026-01-01T00:30Z", 1), "2026-01-04T00:00Z");
    EXPECT_EQ(runs("@monthly", "UTC", "2026-01-01T00:30Z", 1), "2026-02-01T00:00Z");
    EXPECT_EQ(runs("@Yearly", "UTC", "2026-01-01T00:30Z", 1), "2027-01-01T00:00Z");
}

TEST(Cron, LeapDays)
{
    EXPECT_EQ(runs("0 0 29 2 *", "UTC", "2026-01-01T00:00Z", 2),
              "2028-02-29T00:00Z 2032-02-29T00:00Z");
    EXPECT_EQ(runs("0 0 29 2 *", "UTC", "2097-01-01T00:00Z", 1), "2104-02-29T00:00Z");
}

TEST(Cron, BeforeTheEpoch)
{
    EXPECT_EQ(runs("30 23 * * *", "UTC", "1969-12-30T23:30Z", 2),
              "1969-12-31T23:30Z 1970-01-01T23:30Z");
}

// Berlin 2026-03-29: 02:00 CET becomes 03:00 CEST at 01:00 UTC.
TEST(Cron, ATimeTheClockJumpsOverRunsAtTheJump)
{
    EXPECT_EQ(runs("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 2),
              "2026-03-29T01:00Z 2026-03-30T00:30Z");
    EXPECT_EQ(runs("0,15,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 2),
              "2026-03-29T01:00Z 2026-03-30T00:00Z");
    EXPECT_EQ(runs("30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 2),
              "2026-03-29T01:00Z 2026-03-29T01:30Z");
    EXPECT_EQ(runs("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 2),
              "2026-03-29T01:00Z 2026-03-30T00:00Z");
    EXPECT_EQ(runs("0 3 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 2),
              "2026-03-29T01:00Z 2026-03-30T01:00Z");
    EXPECT_EQ(runs("30 2 * * *", "America/New_York", "2026-03-07T12:00Z", 2),
              "2026-03-08T07:00Z 2026-03-09T06:30Z");
}

TEST(Cron, AnIntervalHasNoRunsInASkippedHour)
{
    EXPECT_EQ(runs("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00Z", 3),
              "2026-03-29T00:30Z 2026-03-29T01:00Z 2026-03-29T01:30Z");
    EXPECT_EQ(runs("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 1), "2026-03-30T00:00Z");
}

// Berlin 2026-10-25: 03:00 CEST becomes 02:00 CET at 01:00 UTC. New York 2026-11-01: 02:00 EDT
// becomes 01:00 EST at 06:00 UTC.
TEST(Cron, ATimeThatOccursTwiceRunsOnce)
{
    EXPECT_EQ(runs("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2),
              "2026-10-25T00:30Z 2026-10-26T01:30Z");
    EXPECT_EQ(runs("0 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2),
              "2026-10-25T00:00Z 2026-10-26T01:00Z");
    EXPECT_EQ(runs("0 3 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2),
              "2026-10-25T02:00Z 2026-10-26T02:00Z");
    EXPECT_EQ(runs("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10Z", 1), "2026-10-26T01:30Z");
    EXPECT_EQ(runs("30 1 * * *", "America/New_York", "2026-10-31T12:00Z", 2),
              "2026-11-01T05:30Z 2026-11-02T06:30Z");
}

TEST(Cron, AnIntervalRunsInBothPassesOfARepeatedHour)
{
    EXPECT_EQ(runs("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:00Z", 4),
              "2026-10-25T00:30Z 2026-10-25T01:00Z 2026-10-25T01:30Z 2026-10-25T02:00Z");
}

// Samoa had no 30 December 2011: the clock went from the end of the 29th, 10:00 UTC, to the 31st.
TEST(Cron, ADayThatIsSkippedRunsAtTheJump)
{
    EXPECT_EQ(runs("0 12 * * *", "Pacific/Apia", "2011-12-29T23:00Z", 2),
              "2011-12-30T10:00Z 2011-12-30T22:00Z");
}

TEST(Cron, RefusesWhatItDoesNotUnderstand)
{
    EXPECT_EQ(refusal(""), "0 fields, not 5 (minute hour day-of-month month day-of-week)");
    EXPECT_EQ(refusal("0 3 * *"), "4 fields, not 5 (minute hour day-of-month month day-of-week)");
    EXPECT_EQ(refusal("60 * * * *"), "\"60\" is outside the minute's 0-59");
    EXPECT_EQ(refusal("0 24 * * *"), "\"24\" is outside the hour's 0-23");
    EXPECT_EQ(refusal("0 0 0 * *"), "\"0\" is outside the day of month's 1-31");
    EXPECT_EQ(refusal("0 0 * 13 *"), "\"13\" is outside the month's 1-12");
    EXPECT_EQ(refusal("0 0 * * 8"), "\"8\" is outside the day of week's 0-7");
    EXPECT_EQ(refusal("0 0 * foo *"), "\"foo\" is not understood as month");
    EXPECT_EQ(refusal("30-10 * * * *"), "the range \"30-10\" of the minute runs backwards");
    EXPECT_EQ(refusal("*/0 * * * *"),
              "\"*/0\" is not a step of the minute: write \"*/N\" or \"A-B/N\"");
    EXPECT_EQ(refusal("5/10 * * * *"),
              "\"5/10\" is not a step of the minute: write \"*/N\" or \"A-B/N\"");
    EXPECT_EQ(refusal("@reboot"),
              "not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly");
    for (const char* text :
         {"1,,2 * * * *", ", * * * *", "1- * * * *", "-1 * * * *", "1-2-3 * * * *", "*/ * * * *",
          "*/1/2 * * * *", "0 0 L * *", "0 0 * * 5#2", "* * * * * *",
          "99999999999999999999 * * * *", "*/99999999999 * * * *"}) {
        EXPECT_NE(refusal(text), "accepted") << text;
    }
}

TEST(Cron, RefusesDatesThatNeverCome)
{
    EXPECT_EQ(refusal("0 0 30 2 *"), "that day never comes");
    EXPECT_EQ(refusal("0 0 31 4,6,9,11 *"), "that day never comes");
    EXPECT_EQ(refusal("0 0 30 2 1"), "accepted");  // or Mondays in February
}

TEST(Cron, LongestGap)
{
    using namespace std::chrono_literals;
    const auto gap = [](const char* text) { return CronExpression::parse(text)->longest_gap(); };
    EXPECT_EQ(gap("* * * * *"), 1min);
    EXPECT_EQ(gap("0 3 * * *"), 24h);
    EXPECT_EQ(gap("0 3 * * 1-5"), 72h);
    EXPECT_EQ(gap("0 0 1 * *"), 31 * 24h);
    EXPECT_EQ(gap("0 0 1 1 *"), 366 * 24h);  // 1972
}

/// The next run of an interval by definition: the first later minute at which the wall clock
/// matches.
template <class Matches>
TimePoint by_definition(TimePoint after, const date::time_zone& zone, Matches matches)
{
    auto time = date::floor<std::chrono::minutes>(after);
    while (true) {
        time += std::chrono::minutes{1};
        const auto local = zone.to_local(time);
        const auto day = date::floor<date::days>(local);
        const auto minute = std::chrono::duration_cast<std::chrono::minutes>(local - day).count();
        if (matches(date::year_month_day{day}, date::weekday{day}, minute / 60, minute % 60)) {
            return time;
        }
    }
}

TEST(Cron, AnIntervalIsWhenTheWallClockMatches)
{
    const auto cron = CronExpression::parse("*/7 1-3,22 * 3,10,11 *");
    ASSERT_TRUE(cron);
    const auto matches = [](date::year_month_day day, date::weekday, auto hour, auto minute) {
        const auto month = static_cast<unsigned>(day.month());
        return minute % 7 == 0 && ((hour >= 1 && hour <= 3) || hour == 22) &&
               (month == 3 || month == 10 || month == 11);
    };
    for (const char* name :
         {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"}) {
        const date::time_zone& zone = *find_time_zone(name);
        for (const char* start :
             {"2026-03-07T00:00Z", "2026-03-28T12:00Z", "2026-10-24T12:00Z", "2026-10-31T12:00Z"}) {
            TimePoint time = utc(start);
            for (int i = 0; i < 100; ++i) {
                const auto next = cron->next_after(time, zone);
                ASSERT_TRUE(next);
                ASSERT_EQ(*next, by_definition(time, zone, matches))
                    << name << ' ' << start << ' ' << i;
                time = *next;
            }
        }
    }
}

TEST(Cron, DaysByDefinition)
{
    const auto cron = CronExpression::parse("0 0 13,31 * fri");
    ASSERT_TRUE(cron);
    const auto matches = [](date::year_month_day day, date::weekday weekday, auto hour,
                            auto minute) {
        const auto number = static_cast<unsigned>(day.day());
        return hour == 0 && minute == 0 &&
               (number == 13 || number == 31 || weekday == date::Friday);
    };
    TimePoint time = utc("2026-01-01T00:00Z");
    for (int i = 0; i < 100; ++i) {
        const auto next = cron->next_after(time, *find_time_zone("UTC"));
        ASSERT_EQ(*next, by_definition(time, *find_time_zone("UTC"), matches)) << i;
        time = *next;
    }
}

TEST(TimeZone, Names)
{
    EXPECT_NE(find_time_zone("UTC"), nullptr);
    EXPECT_NE(find_time_zone("Europe/Berlin"), nullptr);
    for (const char* name : {"", "Europe/Berln", "../../etc/passwd", "/etc/passwd", "CEST"}) {
        EXPECT_EQ(find_time_zone(name), nullptr) << name;
    }
}

}  // namespace
}  // namespace gatehouse::sidecar
