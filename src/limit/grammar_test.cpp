#include "src/limit/grammar.h"

#include <gtest/gtest.h>

namespace gatehouse::limit {
namespace {

TEST(Rate, IsCutOffAsLimitReqDoes)
{
    EXPECT_EQ(*parse_rate("1r/s"), 1000U);
    EXPECT_EQ(*parse_rate("10r/s"), 10'000U);
    EXPECT_EQ(*parse_rate("1r/m"), 16U);  // 1000 / 60, in integers
    EXPECT_EQ(*parse_rate("30r/m"), 500U);
    EXPECT_EQ(*parse_rate("1000000r/s"), 1'000'000'000U);
}

TEST(Rate, RefusesWhatIsNone)
{
    for (const char* text : {"", "r/s", "0r/s", "-1r/s", "1.5r/s", "1e18r/s", "10", "10r/h",
                             "10r/s ", " 10r/s", "1000001r/s", "99999999999999999999r/s"}) {
        EXPECT_FALSE(parse_rate(text)) << text;
    }
}

struct Expected {
    const char* text;
    std::uint64_t amount;
    std::uint64_t seconds;
    const char* name;
};

TEST(Quota, ReadsTheGrammarOfTheLimitsPackage)
{
    // Amounts and periods as limits.parse() gives them, from its documentation and constants.
    for (const Expected& expected : {
             Expected{"10/minute", 10, 60, "10/minute"},
             Expected{"10 per minute", 10, 60, "10/minute"},
             Expected{"10per minute", 10, 60, "10/minute"},
             Expected{" 50 PER Hours ", 50, 3600, "50/hour"},
             Expected{"200/day", 200, 86'400, "200/day"},
             Expected{"5/2 hours", 5, 7200, "5/2 hours"},
             Expected{"5 per 2hour", 5, 7200, "5/2 hours"},
             Expected{"1/month", 1, 2'592'000, "1/month"},
             Expected{"1 per 1 year", 1, 31'104'000, "1/year"},
             Expected{"3/second", 3, 1, "3/second"},
         }) {
        const auto windows = parse_quota(expected.text, Algorithm::gcra, Align::first);
        ASSERT_TRUE(windows) << expected.text;
        ASSERT_EQ(windows->size(), 1U);
        EXPECT_EQ(windows->front().amount, expected.amount) << expected.text;
        EXPECT_EQ(windows->front().period_ms, expected.seconds * 1000) << expected.text;
        EXPECT_EQ(windows->front().name, expected.name);
    }
}

TEST(Quota, TakesSeveralWindows)
{
    const auto windows =
        parse_quota("10/minute; 50 per hour, 200/day|1/second", Algorithm::fixed, Align::utc);
    ASSERT_TRUE(windows);
    ASSERT_EQ(windows->size(), 4U);
    EXPECT_EQ((*windows)[2].name, "200/day");
    EXPECT_EQ((*windows)[2].align, Align::utc);
    EXPECT_NE((*windows)[0].salt, (*windows)[1].salt);
}

TEST(Quota, RefusesWhatIsNone)
{
    for (const char* text : {"", ";", "10", "10/", "/minute", "ten/minute", "10/fortnight",
                             "10/minute;", "10/minute 50/hour", "-1/minute", "0/minute",
                             "1/0 minutes", "1/102 year", "1.5/minute", "10/minutess", "10//minute",
                             "1/second;2/second;3/second;4/second;5/second;6/second;"
                             "7/second;8/second;9/second"}) {
        EXPECT_FALSE(parse_quota(text, Algorithm::gcra, Align::first)) << text;
    }
}

TEST(Quota, RefusesACountThatDoesNotFit)
{
    EXPECT_TRUE(parse_quota("1048575/day", Algorithm::fixed, Align::first));
    EXPECT_FALSE(parse_quota("1048576/day", Algorithm::fixed, Align::first));
    EXPECT_TRUE(parse_quota("1048576/day", Algorithm::gcra, Align::first));
    EXPECT_FALSE(parse_quota("99999999999/second", Algorithm::gcra, Align::first));
}

TEST(Quota, NamesItsText)
{
    const auto windows = parse_quota("10/fortnight", Algorithm::gcra, Align::first);
    ASSERT_FALSE(windows);
    EXPECT_NE(windows.error().message.find("\"10/fortnight\""), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::limit
