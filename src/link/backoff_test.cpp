#include "src/link/backoff.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <set>

namespace gatehouse::link {
namespace {

// What the doubling comes to, by hand: 50, 100, … 1600, and from there on the longest.
constexpr std::array<std::uint64_t, 9> bases{50, 100, 200, 400, 800, 1600, 2000, 2000, 2000};

TEST(Backoff, DoublesUpToItsLongest)
{
    Backoff least;
    Backoff most;
    for (const auto base : bases) {
        EXPECT_EQ(least.next_ms(0), base / 2);
        EXPECT_EQ(most.next_ms(base), base + base / 2);
    }
}

TEST(Backoff, StaysWithinHalfOfTheBaseForAnyRandomNumber)
{
    for (const std::uint64_t random :
         {std::uint64_t{1}, std::uint64_t{51}, std::uint64_t{2001}, std::uint64_t{1} << 31,
          std::numeric_limits<std::uint64_t>::max()}) {
        Backoff backoff;
        for (const auto base : bases) {
            const auto delay = backoff.next_ms(random);
            EXPECT_GE(delay, base / 2) << random;
            EXPECT_LE(delay, base + base / 2) << random;
        }
    }
}

TEST(Backoff, WorkersThatLostTheSidecarTogetherComeBackApart)
{
    std::set<std::uint64_t> delays;
    for (std::uint64_t random = 0; random < 1000; ++random) {
        Backoff backoff;
        delays.insert(backoff.next_ms(random));
    }
    EXPECT_EQ(delays.size(), 51u);  // every millisecond of 25 to 75
}

TEST(Backoff, BeginsAgainAfterAReset)
{
    Backoff backoff;
    for (int i = 0; i < 20; ++i) {
        (void)backoff.next_ms(0);
    }
    backoff.reset();
    EXPECT_EQ(backoff.next_ms(0), 25u);
    EXPECT_EQ(backoff.next_ms(0), 50u);
}

}  // namespace
}  // namespace gatehouse::link
