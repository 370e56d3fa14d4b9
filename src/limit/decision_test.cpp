#include "src/limit/decision.h"

#include <gtest/gtest.h>

#include <random>

#include "src/limit/cell_word.h"
#include "src/limit/test_zone.h"

namespace gatehouse::limit {
namespace {

TEST(Decision, ChargesEveryWindowOrNone)
{
    auto zone = test_zone();
    const auto windows = windows_of("2/second; 3/minute; 100/hour");
    EXPECT_TRUE(admits(zone, windows, 1, 0));
    EXPECT_TRUE(admits(zone, windows, 1, 0));
    Request third{zone, windows, 1, 0};
    EXPECT_EQ(third.decide(), 0U);
    // The seconds have refilled; now the minute is the one that is full.
    EXPECT_TRUE(admits(zone, windows, 1, 1001));
    Request fifth{zone, windows, 1, 1002};
    EXPECT_EQ(fifth.decide(), 1U);
    EXPECT_EQ(fifth[2].outcome().remaining, 96U);  // as it would be had the others admitted
    const std::vector<Window> last{windows[2]};
    Request hour{zone, last, 1, 1002};
    EXPECT_EQ(hour.decide(), Request::npos);
    EXPECT_EQ(hour[0].outcome().remaining, 96U);  // four requests: three, and this one
}

/// Every mark of a first refusal is there; from then on no byte may change.
TEST(Decision, ARefusalLeavesEveryByteAsItWas)
{
    auto one = test_zone();
    auto other = test_zone(128 * 1024);
    const auto wide = windows_of("1000/day");
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        const auto narrow = windows_of("3/minute", algorithm);
        const auto request = [&](std::uint64_t ms) {
            Request request{one, wide, 7, ms};
            request.add(other, narrow, 7, ms);
            return request.decide();
        };
        for (int i = 0; i < 3; ++i) {
            ASSERT_EQ(request(5), Request::npos);
        }
        const auto untouched = memory_of(one);
        EXPECT_EQ(request(5), 1U);
        const auto marked = memory_of(other);
        for (std::uint64_t i = 0; i < 1000; ++i) {
            ASSERT_EQ(request(5 + i / 100), 1U);
        }
        EXPECT_EQ(memory_of(one), untouched);
        EXPECT_EQ(memory_of(other), marked);
    }
}

TEST(Decision, TheFirstRefusalMarksItsCellAndNothingElse)
{
    auto zone = test_zone();
    const auto windows = windows_of("1/minute");
    admits(zone, windows, 1, 0);
    const auto before = memory_of(zone);
    EXPECT_FALSE(admits(zone, windows, 1, 0));
    const auto after = memory_of(zone);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < before.size(); i += 8) {
        std::uint64_t old_word = 0;
        std::uint64_t new_word = 0;
        std::memcpy(&old_word, &before[i], 8);
        std::memcpy(&new_word, &after[i], 8);
        if (old_word != new_word) {
            ++changed;
            EXPECT_EQ(free_at(old_word), free_at(new_word));
            EXPECT_EQ(rank_of(new_word), Rank::limited);
        }
    }
    EXPECT_EQ(changed, 1U);
}

TEST(Decision, PeekingChangesNothing)
{
    auto zone = test_zone();
    const auto windows = windows_of("2/minute; 10/hour");
    admits(zone, windows, 1, 0);
    const auto before = memory_of(zone);
    Request request{zone, windows, 1, 10};
    EXPECT_EQ(request.peek(), Request::npos);
    EXPECT_EQ(request[0].outcome().remaining, 0U);
    EXPECT_EQ(request[1].outcome().remaining, 8U);
    EXPECT_EQ(memory_of(zone), before);
    Request costly{zone, windows, 1, 10, 2};
    EXPECT_EQ(costly.peek(), 0U);
    EXPECT_EQ(memory_of(zone), before);
}

// 6 a minute: one in 10 s. After three requests at 0 the word is at 30 s; of a fourth at 4 s,
// at 40.
TEST(Decision, RemainingResetAndRetryAreAsCountedByHand)
{
    auto zone = test_zone();
    const auto windows = windows_of("6/minute");
    for (int i = 0; i < 3; ++i) {
        admits(zone, windows, 1, 0);
    }
    Request fourth{zone, windows, 1, 4000};
    ASSERT_EQ(fourth.decide(), Request::npos);
    EXPECT_EQ(fourth[0].outcome().remaining, 2U);
    EXPECT_EQ(whole_ms(fourth[0].outcome().reset), 36'000U);
    Request costly{zone, windows, 1, 4000, 3};
    ASSERT_EQ(costly.decide(), 0U);
    EXPECT_EQ(costly[0].outcome().remaining, 2U);
    EXPECT_EQ(whole_ms(costly[0].outcome().retry), 6000U);  // 36 s and 30 s are 6 s beyond a minute
}

TEST(Decision, RetryOfAFixedWindowIsItsEnd)
{
    auto zone = test_zone();
    const auto first = windows_of("2/minute", Algorithm::fixed);
    admits(zone, first, 1, 0);
    admits(zone, first, 1, 20'000);
    Request third{zone, first, 1, 59'000};
    ASSERT_EQ(third.decide(), 0U);
    EXPECT_EQ(whole_ms(third[0].outcome().retry), 1000U);
    // By UTC the test begins at 10:59:59.
    const auto utc = windows_of("2/hour", Algorithm::fixed, Align::utc);
    Request other{zone, utc, 1, 0};
    ASSERT_EQ(other.decide(), Request::npos);
    EXPECT_EQ(whole_ms(other[0].outcome().reset), 1000U);
}

// Ten in the minute before; a quarter into this one 7.5 of them count, so 8, and 2 may pass.
TEST(Decision, ASlidingWindowCarriesTheShareThatItStillCovers)
{
    auto zone = test_zone();
    const auto windows = windows_of("10/minute", Algorithm::sliding);
    const std::uint64_t minute_begins = 1000;  // 11:00:00
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(admits(zone, windows, 1, minute_begins + 30'000));
    }
    const std::uint64_t quarter = minute_begins + 60'000 + 15'000;
    Request request{zone, windows, 1, quarter};
    ASSERT_EQ(request.decide(), Request::npos);
    EXPECT_EQ(request[0].outcome().remaining, 1U);
    EXPECT_TRUE(admits(zone, windows, 1, quarter));
    Request refused{zone, windows, 1, quarter};
    ASSERT_EQ(refused.decide(), 0U);
    // At 18 s the share is 7.0: 7 and 2 and 1 are 10.
    EXPECT_EQ(whole_ms(refused[0].outcome().retry), 3000U);
}

TEST(Decision, CostIsChargedInEveryWindow)
{
    auto zone = test_zone();
    const auto windows = windows_of("10/minute; 15/hour");
    EXPECT_TRUE(admits(zone, windows, 1, 0, 10));
    EXPECT_FALSE(admits(zone, windows, 1, 60'001, 10));
    Request last{zone, windows, 1, 60'001, 5};
    EXPECT_EQ(last.decide(), Request::npos);
    EXPECT_EQ(last[0].outcome().remaining, 5U);
    EXPECT_EQ(last[1].outcome().remaining, 0U);
}

TEST(Decision, AZoneThatMayNotEvictRefusesNewKeysAndKeepsItsOwn)
{
    auto zone = test_zone();
    const auto windows = windows_of("2/hour");
    std::uint64_t key = 0;
    std::vector<std::uint64_t> held;
    bool full = false;
    for (; key < 100'000 && !full; ++key) {
        Request request{zone, windows, key, 0};
        request.without_evicting();
        full = request.decide() != Request::npos;
        if (!full) {
            held.push_back(key);
            continue;
        }
        EXPECT_TRUE(request[0].zone_full);
        EXPECT_FALSE(request[0].admitted);
        EXPECT_GT(request[0].outcome().retry, 0U);
    }
    ASSERT_TRUE(full);
    EXPECT_GT(held.size(), zone.capacity() / 2);
    for (const auto known : held) {
        Request request{zone, windows, known, 0};
        request.without_evicting();
        ASSERT_EQ(request.decide(), Request::npos);
        EXPECT_EQ(request[0].outcome().remaining, 0U);
    }
    // An hour later there is room.
    Request later{zone, windows, key, 3'600'001};
    later.without_evicting();
    EXPECT_EQ(later.decide(), Request::npos);
}

TEST(Decision, AFullZoneChargesNothingInTheOthers)
{
    auto full = test_zone();
    auto roomy = test_zone(128 * 1024);
    const auto windows = windows_of("2/hour");
    for (std::uint64_t key = 0; key < 20'000; ++key) {
        admits(full, windows, key, 0);
    }
    const auto full_before = memory_of(full);
    const auto roomy_before = memory_of(roomy);
    int refused = 0;
    for (std::uint64_t key = 30'000; key < 30'100; ++key) {
        Request request{roomy, windows, key, 0};
        request.add(full, windows, key, 0);
        request.without_evicting();
        refused += request.decide() == 1 ? 1 : 0;
    }
    EXPECT_EQ(refused, 100);
    EXPECT_EQ(memory_of(full), full_before);
    EXPECT_EQ(memory_of(roomy), roomy_before);
}

TEST(Decision, AnEvictionThatLimitedSomebodyIsTold)
{
    auto zone = test_zone();
    const auto windows = windows_of("2/hour");
    std::size_t told = 0;
    for (std::uint64_t key = 0; key < 20'000; ++key) {
        Request request{zone, windows, key, 0};
        request.decide();
        told += request.evicted();
    }
    EXPECT_EQ(told, 20'000 - zone.entries(zone.now(test_clocks().monotonic_ms).ticks, 1u << 20));
}

TEST(Decision, TheSameWindowTwiceIsChargedTwice)
{
    auto zone = test_zone();
    const auto windows = windows_of("3/minute");
    Request request{zone, windows, 1, 0};
    request.add(zone, windows, 1, 0);
    EXPECT_EQ(request.decide(), Request::npos);
    // One is left: the second charge refuses, and the first is taken back.
    EXPECT_EQ(request.decide(), 1U);
    EXPECT_TRUE(admits(zone, windows, 1, 0));
    EXPECT_FALSE(admits(zone, windows, 1, 0));
}

TEST(TakeBack, GivesTheChargeBackOnce)
{
    auto zone = test_zone();
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        const auto windows = windows_of("2/minute", algorithm);
        Request request{zone, windows, 1, 0};
        ASSERT_EQ(request.decide(), Request::npos);
        take_back(request[0]);
        EXPECT_TRUE(admits(zone, windows, 1, 0));
        EXPECT_TRUE(admits(zone, windows, 1, 0));
        EXPECT_FALSE(admits(zone, windows, 1, 0));
    }
}

TEST(TakeBack, LeavesALaterWindowAlone)
{
    auto zone = test_zone();
    const auto windows = windows_of("1/minute", Algorithm::fixed);
    Request request{zone, windows, 1, 0};
    ASSERT_EQ(request.decide(), Request::npos);
    ASSERT_TRUE(admits(zone, windows, 1, 60'000));
    take_back(request[0], request.now() + ticks_of_ms(60'001));
    EXPECT_FALSE(admits(zone, windows, 1, 60'001));
}

}  // namespace
}  // namespace gatehouse::limit
