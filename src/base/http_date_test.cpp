#include "src/base/http_date.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <limits>
#include <string>

namespace gatehouse {
namespace {

// 2026-11-22T00:00:00Z. Expected seconds below are those of `date -u -d … +%s`.
constexpr UnixSeconds now = 1795305600;

std::optional<UnixSeconds> parsed(std::string_view text)
{
    return parse_http_date(text, now);
}

std::string formatted(UnixSeconds time)
{
    std::array<char, http_date_size> buffer;
    return std::string(format_http_date(time, buffer));
}

TEST(ParseHttpDate, ThreeFormsOfRfc9110)
{
    EXPECT_EQ(parsed("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    EXPECT_EQ(parsed("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
    EXPECT_EQ(parsed("Sun Nov  6 08:49:37 1994"), 784111777);
}

TEST(ParseHttpDate, Edges)
{
    EXPECT_EQ(parsed("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
    EXPECT_EQ(parsed("Wed, 31 Dec 1969 23:59:59 GMT"), -1);
    EXPECT_EQ(parsed("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400);
    EXPECT_EQ(parsed("Tue, 19 Jan 2038 03:14:07 GMT"), 2147483647);
    EXPECT_EQ(parsed("Tue, 19 Jan 2038 03:14:08 GMT"), 2147483648);
    EXPECT_EQ(parsed("Sun, 07 Feb 2106 06:28:16 GMT"), 4294967296);
    EXPECT_EQ(parsed("Fri, 31 Dec 9999 23:59:59 GMT"), 253402300799);
    EXPECT_EQ(parsed("Sat, 01 Jan 0000 00:00:00 GMT"), -62167219200);
    EXPECT_EQ(parsed("Sun Nov 16 08:49:37 1994"), 784975777);
    EXPECT_EQ(parsed("Wednesday, 09-Nov-94 08:49:37 GMT"), 784370977);
    EXPECT_EQ(parsed(" Sun, 06 Nov 1994 08:49:37 GMT\t"), 784111777);
}

TEST(ParseHttpDate, LeapSecondIsTheNextSecond)
{
    EXPECT_EQ(parsed("Thu, 31 Dec 1998 23:59:60 GMT"), 915148800);
}

TEST(ParseHttpDate, DayOfTheWeekNeedNotFit)
{
    EXPECT_EQ(parsed("Mon, 06 Nov 1994 08:49:37 GMT"), 784111777);
}

TEST(ParseHttpDate, TwoDigitYearIsAtMostFiftyYearsAhead)
{
    EXPECT_EQ(parsed("Sunday, 06-Nov-44 08:49:37 GMT"), 2362034977);  // 2044
    EXPECT_EQ(parsed("Sunday, 22-Nov-76 00:00:00 GMT"),
              3373228800);                                           // 2076, 50 years to the second
    EXPECT_EQ(parsed("Monday, 22-Nov-76 00:00:01 GMT"), 217468801);  // 1976
    EXPECT_EQ(parsed("Saturday, 01-Jan-77 00:00:00 GMT"), 220924800);  // 1977
    EXPECT_EQ(parsed("Friday, 31-Dec-99 23:59:59 GMT"), 946684799);    // 1999
    EXPECT_EQ(parsed("Saturday, 01-Jan-00 00:00:00 GMT"), 946684800);  // 2000
    // Asked in 1960, 05 is 2005 and 15 is 1915.
    constexpr UnixSeconds in_1960 = -315619200;
    EXPECT_EQ(parse_http_date("Saturday, 01-Jan-05 00:00:00 GMT", in_1960), 1104537600);
    EXPECT_EQ(parse_http_date("Friday, 01-Jan-15 00:00:00 GMT", in_1960), -1735689600);
    for (const auto extreme :
         {std::numeric_limits<UnixSeconds>::min(), std::numeric_limits<UnixSeconds>::max()}) {
        EXPECT_TRUE(parse_http_date("Friday, 01-Jan-15 00:00:00 GMT", extreme));
    }
}

TEST(ParseHttpDate, RefusesTheRest)
{
    for (const auto* text : {
             "",
             "0",
             "784111777",
             "Sun",
             "Sun, 06 Nov 1994",
             "1994-11-06T08:49:37Z",
             "Sun, 06 Nov 1994 08:49:37",      // no zone
             "Sun, 06 Nov 1994 08:49:37 UTC",  // another zone
             "Sun, 06 Nov 1994 08:49:37 gmt",  // case
             "sun, 06 Nov 1994 08:49:37 GMT",
             "Sun, 06 nov 1994 08:49:37 GMT",
             "Sun,  6 Nov 1994 08:49:37 GMT",
             "Sun, 6 Nov 1994 08:49:37 GMT",
             "Sun  06 Nov 1994 08:49:37 GMT",
             "Sun, 06-Nov-1994 08:49:37 GMT",
             "Sun, 06 Nov 1994 08.49.37 GMT",
             "Sun, 06 Nov 1994 24:00:00 GMT",
             "Sun, 06 Nov 1994 08:60:37 GMT",
             "Sun, 06 Nov 1994 08:49:61 GMT",
             "Sun, 00 Nov 1994 08:49:37 GMT",
             "Sun, 31 Nov 1994 08:49:37 GMT",
             "Tue, 29 Feb 2001 00:00:00 GMT",
             "Thu, 29 Feb 1900 00:00:00 GMT",
             "Sun, +6 Nov 1994 08:49:37 GMT",
             "Sun, 06 Nov -994 08:49:37 GMT",
             "Sun, 06 Nov 1994 8:49:37 GMT",
             "Sun, 06 Nov 19941 08:49:37 GMT",
             "Sun, 06 Nov 1994 08:49:37 GMT, x",
             "Sun, 06 Nov 1994 08:49:37 GMT; length=5",
             "Son, 06 Nov 1994 08:49:37 GMT",
             "Sun, 06 Okt 1994 08:49:37 GMT",
             "Sunday, 06-Nov-94 08:49:37",
             "Sun, 06-Nov-94 08:49:37 GMT",
             "Sunday, 31-Nov-94 08:49:37 GMT",
             "Sunday, 06 Nov 94 08:49:37 GMT",
             "Sun Nov 6 08:49:37 1994",
             "Sun Nov 006 08:49:37 1994",
             "Sun Nov  6 08:49:37 94  ",
             "Sun Nov   08:49:37 1994 ",
         }) {
        EXPECT_FALSE(parsed(text)) << text;
    }
}

TEST(FormatHttpDate, KnownTimes)
{
    EXPECT_EQ(formatted(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(formatted(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(formatted(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_EQ(formatted(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
    EXPECT_EQ(formatted(2147483648), "Tue, 19 Jan 2038 03:14:08 GMT");
    EXPECT_EQ(formatted(253402300799), "Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST(FormatHttpDate, ClampsToFourDigitYears)
{
    EXPECT_EQ(formatted(253402300800), "Fri, 31 Dec 9999 23:59:59 GMT");
    EXPECT_EQ(formatted(std::numeric_limits<UnixSeconds>::max()), "Fri, 31 Dec 9999 23:59:59 GMT");
    EXPECT_EQ(formatted(std::numeric_limits<UnixSeconds>::min()), "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST(FormatHttpDate, ReadsBackTheSame)
{
    // A prime number of seconds walks through every month, hour and minute.
    for (UnixSeconds time = -62167219200; time <= 253402300799; time += 30'000'001) {
        ASSERT_EQ(parsed(formatted(time)), time);
    }
}

std::string date_command(std::int64_t seconds)
{
    const auto command =
        "LC_ALL=C TZ=UTC date -d @" + std::to_string(seconds) + " '+%a, %d %b %Y %H:%M:%S GMT'";
    std::array<char, 64> line{};
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr || std::fgets(line.data(), line.size(), pipe) == nullptr) {
        line[0] = '\0';
    }
    ::pclose(pipe);
    std::string text{line.data()};
    return text.substr(0, text.find('\n'));
}

TEST(FormatHttpDate, IsWhatDateSays)
{
    for (const std::int64_t seconds :
         {std::int64_t{0}, std::int64_t{951782400},  // 29 Feb 2000
          std::int64_t{1709164799},                  // 28 Feb 2024
          std::int64_t{2147483647}, std::int64_t{2147483648}, std::int64_t{4102444800}}) {
        EXPECT_EQ(formatted(seconds), date_command(seconds)) << seconds;
    }
}

}  // namespace
}  // namespace gatehouse
