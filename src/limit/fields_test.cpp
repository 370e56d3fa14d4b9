#include "src/limit/fields.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gatehouse::limit {
namespace {

std::string rate_limit(const Window& window, const Outcome& outcome)
{
    std::string room(rate_limit_capacity(window.name), '#');
    char* const end = room.data() + room.size();
    char* const begin = write_rate_limit(end, window, outcome);
    EXPECT_GE(begin, room.data());
    return std::string(begin, end);
}

Window ten_a_minute()
{
    return quota_window(Algorithm::gcra, Align::first, 10, 60'000, "10/minute");
}

TEST(RateLimitField, HasTheWindowWhatRemainsAndWhenAllIsBack)
{
    EXPECT_EQ(rate_limit(ten_a_minute(), {.admitted = true,
                                          .remaining = 7,
                                          .reset = 12 * ticks_per_second,
                                          .retry = 99 * ticks_per_second}),
              R"("10/minute";r=7;t=12)");
}

TEST(RateLimitField, OfARefusalSaysWhenARequestCanPass)
{
    EXPECT_EQ(rate_limit(ten_a_minute(),
                         {.reset = 60 * ticks_per_second, .retry = 5 * ticks_per_second + 1}),
              R"("10/minute";r=0;t=6)");
}

TEST(RateLimitField, WritesEveryNumberAsTheLibraryDoes)
{
    std::uint64_t power = 1;
    for (int digits = 1; digits <= 20; ++digits, power *= 10) {
        for (const auto value : {power - 1, power, power + 1, 5 * power + power / 3}) {
            const auto expected = std::to_string(std::min(value, largest_field_integer));
            EXPECT_EQ(rate_limit(ten_a_minute(), {.remaining = value}),
                      "\"10/minute\";r=" + expected + ";t=0");
        }
    }
}

TEST(RateLimitPolicy, ListsAmountsAndSeconds)
{
    std::string list;
    append_policy(list, ten_a_minute());
    append_policy(list, quota_window(Algorithm::fixed, Align::utc, 200, 86'400'000, "200/day"));
    EXPECT_EQ(list, R"("10/minute";q=10;w=60, "200/day";q=200;w=86400)");
}

}  // namespace
}  // namespace gatehouse::limit
