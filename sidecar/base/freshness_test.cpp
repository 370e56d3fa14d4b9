#include "sidecar/base/freshness.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

constexpr FreshBounds bounds{.least_ms = 60'000, .most_ms = 86'400'000, .usual_ms = 3'600'000};

std::int64_t minutes(std::string_view cache_control, std::string_view age = "")
{
    return fresh_for_ms(cache_control, age, bounds) / 60'000;
}

TEST(Freshness, IsMaxAgeLessAge)
{
    EXPECT_EQ(minutes("public, max-age=600"), 10);
    EXPECT_EQ(minutes("max-age=600, must-revalidate", "120"), 8);
    EXPECT_EQ(minutes("Max-Age=\"600\""), 10);
}

TEST(Freshness, StaysWithinItsBounds)
{
    EXPECT_EQ(minutes("max-age=0"), 1);
    EXPECT_EQ(minutes("max-age=600", "86400"), 1);
    EXPECT_EQ(minutes("no-store"), 1);
    EXPECT_EQ(minutes("max-age=600, no-cache"), 1);
    EXPECT_EQ(minutes("max-age=99999999999999999999999"), 1440);
}

TEST(Freshness, IsTheUsualWhereNobodySays)
{
    EXPECT_EQ(minutes(""), 60);
    EXPECT_EQ(minutes("public"), 60);
    EXPECT_EQ(minutes("max-age=soon"), 60);
    EXPECT_EQ(minutes("max-age=-5"), 60);
    EXPECT_EQ(minutes(",,max-age"), 60);
}

TEST(Retry, IsWhatTheServerAsksFor)
{
    constexpr std::int64_t now_ms = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT
    EXPECT_EQ(asked_wait_ms("120", now_ms), 120'000);
    EXPECT_EQ(asked_wait_ms("Sun, 06 Nov 1994 08:50:37 GMT", now_ms), 60'000);
    EXPECT_EQ(asked_wait_ms("Sun, 06 Nov 1994 08:49:00 GMT", now_ms), 0);
    for (const auto* none : {"", "soon", "-1", "1.5", "\"120\""}) {
        EXPECT_EQ(asked_wait_ms(none, now_ms), std::nullopt) << none;
    }
}

TEST(Retry, DoublesFromTheFirstToTheMost)
{
    EXPECT_EQ(doubled_ms(1, 10, 35), 10);
    EXPECT_EQ(doubled_ms(2, 10, 35), 20);
    EXPECT_EQ(doubled_ms(3, 10, 35), 35);
    EXPECT_EQ(doubled_ms(4'000'000'000, 10, 35), 35);
    EXPECT_EQ(doubled_ms(1, 50, 35), 35);
}

TEST(Retry, DoublesFromHalfAMinuteToTen)
{
    EXPECT_EQ(retry_after_ms(1), 30'000);
    EXPECT_EQ(retry_after_ms(2), 60'000);
    EXPECT_EQ(retry_after_ms(5), 480'000);
    EXPECT_EQ(retry_after_ms(6), 600'000);
    EXPECT_EQ(retry_after_ms(4'000'000'000), 600'000);
}

}  // namespace
}  // namespace gatehouse::sidecar
