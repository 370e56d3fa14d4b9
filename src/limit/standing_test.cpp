#include "src/limit/standing.h"

#include <gtest/gtest.h>

#include "src/limit/grammar.h"

namespace gatehouse::limit {
namespace {

constexpr std::uint64_t start_ms = 1'000'000'000;

Now at(std::uint64_t ms)
{
    return {ticks_of_ms(start_ms + ms), 0};
}

Window window_of(const char* quota, Algorithm algorithm)
{
    auto windows = parse_quota(quota, algorithm, Align::first);
    EXPECT_TRUE(windows);
    return windows->front();
}

/// The word after `times` requests at 0 ms.
std::uint64_t charged(const Window& window, int times)
{
    std::uint64_t word = 0;
    for (int i = 0; i < times; ++i) {
        const auto outcome = charge(window, word, 0, at(0), 1);
        EXPECT_TRUE(outcome.admitted);
        word = outcome.word;
    }
    return word;
}

TEST(Standing, OfAKeyThatNobodyKnows)
{
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        const auto found = standing(window_of("10/minute", algorithm), 0, 0, at(0));
        EXPECT_EQ(found.used, 0U);
        EXPECT_EQ(found.remaining, 10U);
        EXPECT_EQ(found.reset, 0U);
        EXPECT_FALSE(found.limited());
    }
    const auto rate = standing(rate_window(1000, 5, "1r/s"), 0, 0, at(0));
    EXPECT_EQ(rate.remaining, 6U);
    EXPECT_EQ(rate.used, 0U);
}

TEST(Standing, AfterSomeRequests)
{
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        const auto window = window_of("10/minute", algorithm);
        const auto found = standing(window, charged(window, 4), 0, at(0));
        EXPECT_EQ(found.used, 4U);
        EXPECT_EQ(found.remaining, 6U);
        EXPECT_GT(found.reset, 0U);
        EXPECT_FALSE(found.limited());
    }
}

TEST(Standing, OfWhoIsLimited)
{
    const auto gcra = window_of("10/minute", Algorithm::gcra);
    const auto full = standing(gcra, charged(gcra, 10), 0, at(0));
    EXPECT_TRUE(full.limited());
    EXPECT_EQ(full.remaining, 0U);
    EXPECT_EQ(seconds_up(full.retry), 6U);   // one of ten in a minute
    EXPECT_EQ(seconds_up(full.reset), 60U);  // all of them
    const auto fixed = window_of("10/minute", Algorithm::fixed);
    const auto later = standing(fixed, charged(fixed, 10), 0, at(20'000));
    EXPECT_EQ(whole_ms(later.retry), 40'000U);
    EXPECT_EQ(whole_ms(later.reset), 40'000U);
    EXPECT_FALSE(standing(fixed, charged(fixed, 10), 0, at(60'000)).limited());
}

TEST(Standing, OfARateCountsWhatIsBegun)
{
    const auto rate = rate_window(1000, 2, "1r/s");
    const auto word = charged(rate, 3);
    EXPECT_TRUE(standing(rate, word, 0, at(0)).limited());
    EXPECT_EQ(standing(rate, word, 0, at(500)).remaining, 0U);
    EXPECT_EQ(standing(rate, word, 0, at(1000)).remaining, 1U);
    EXPECT_EQ(standing(rate, word, 0, at(3000)).remaining, 3U);
    EXPECT_EQ(standing(rate, word, 0, at(3000)).reset, 0U);
}

TEST(Standing, ASlidingWindowCarriesTheOneBefore)
{
    const auto window = window_of("10/minute", Algorithm::sliding);
    const auto previous = charged(window, 10);
    const auto next_begins = 60'000 - start_ms % 60'000;
    const auto found = standing(window, 0, previous, at(next_begins + 30'000));
    EXPECT_EQ(found.used, 5U);  // half of it is still covered
    EXPECT_EQ(whole_ms(found.reset), 30'000U);
}

TEST(Standing, SurvivesAnyWord)
{
    for (const std::uint64_t word : {~std::uint64_t{0}, std::uint64_t{1} << 60, std::uint64_t{1}}) {
        for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
            const auto found = standing(window_of("10/minute", algorithm), word, word, at(0));
            EXPECT_LE(found.remaining, 10U);
            EXPECT_LE(found.used, 10U);
        }
        EXPECT_LE(standing(rate_window(1, 2, "x"), word, 0, at(0)).remaining, 3U);
    }
}

}  // namespace
}  // namespace gatehouse::limit
