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
    auto third = charges_of(zone, windows, 1, 0);
    EXPECT_EQ(decide(third), 0U);
    // The seconds have refilled; now the minute is the one that is full.
    EXPECT_TRUE(admits(zone, windows, 1, 1001));
    auto fifth = charges_of(zone, windows, 1, 1002);
    EXPECT_EQ(decide(fifth), 1U);
    EXPECT_EQ(fifth[2].outcome.remaining, 96U);  // as it would be had the others admitted
    const std::vector<Window> last{windows[2]};
    auto hour = charges_of(zone, last, 1, 1002);
    EXPECT_EQ(decide(hour), npos);
    EXPECT_EQ(hour[0].outcome.remaining, 96U);  // four requests: three, and this one
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
            auto charges = charges_of(one, wide, 7, ms);
            charges.push_back(charges_of(other, narrow, 7, ms)[0]);
            return decide(charges);
        };
        for (int i = 0; i < 3; ++i) {
            ASSERT_EQ(request(5), npos);
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
    auto charges = charges_of(zone, windows, 1, 10);
    EXPECT_EQ(peek(charges), npos);
    EXPECT_EQ(charges[0].outcome.remaining, 0U);
    EXPECT_EQ(charges[1].outcome.remaining, 8U);
    EXPECT_EQ(memory_of(zone), before);
    auto costly = charges_of(zone, windows, 1, 10, 2);
    EXPECT_EQ(peek(costly), 0U);
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
    auto fourth = charges_of(zone, windows, 1, 4000);
    ASSERT_EQ(decide(fourth), npos);
    EXPECT_EQ(fourth[0].outcome.remaining, 2U);
    EXPECT_EQ(whole_ms(fourth[0].outcome.reset), 36'000U);
    auto costly = charges_of(zone, windows, 1, 4000, 3);
    ASSERT_EQ(decide(costly), 0U);
    EXPECT_EQ(costly[0].outcome.remaining, 2U);
    EXPECT_EQ(whole_ms(costly[0].outcome.retry), 6000U);  // 36 s and 30 s are 6 s beyond a minute
}

TEST(Decision, RetryOfAFixedWindowIsItsEnd)
{
    auto zone = test_zone();
    const auto first = windows_of("2/minute", Algorithm::fixed);
    admits(zone, first, 1, 0);
    admits(zone, first, 1, 20'000);
    auto third = charges_of(zone, first, 1, 59'000);
    ASSERT_EQ(decide(third), 0U);
    EXPECT_EQ(whole_ms(third[0].outcome.retry), 1000U);
    // By UTC the test begins at 10:59:59.
    const auto utc = windows_of("2/hour", Algorithm::fixed, Align::utc);
    auto other = charges_of(zone, utc, 1, 0);
    ASSERT_EQ(decide(other), npos);
    EXPECT_EQ(whole_ms(other[0].outcome.reset), 1000U);
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
    auto charges = charges_of(zone, windows, 1, quarter);
    ASSERT_EQ(decide(charges), npos);
    EXPECT_EQ(charges[0].outcome.remaining, 1U);
    EXPECT_TRUE(admits(zone, windows, 1, quarter));
    auto refused = charges_of(zone, windows, 1, quarter);
    ASSERT_EQ(decide(refused), 0U);
    // At 18 s the share is 7.0: 7 and 2 and 1 are 10.
    EXPECT_EQ(whole_ms(refused[0].outcome.retry), 3000U);
}

TEST(Decision, CostIsChargedInEveryWindow)
{
    auto zone = test_zone();
    const auto windows = windows_of("10/minute; 15/hour");
    EXPECT_TRUE(admits(zone, windows, 1, 0, 10));
    EXPECT_FALSE(admits(zone, windows, 1, 60'001, 10));
    auto last = charges_of(zone, windows, 1, 60'001, 5);
    EXPECT_EQ(decide(last), npos);
    EXPECT_EQ(last[0].outcome.remaining, 5U);
    EXPECT_EQ(last[1].outcome.remaining, 0U);
}

TEST(Decision, AZoneThatMayNotEvictRefusesNewKeysAndKeepsItsOwn)
{
    auto zone = test_zone();
    const auto windows = windows_of("2/hour");
    std::uint64_t key = 0;
    std::vector<std::uint64_t> held;
    bool full = false;
    for (; key < 100'000 && !full; ++key) {
        auto charges = charges_of(zone, windows, key, 0);
        charges[0].evict = false;
        full = decide(charges) != npos;
        if (!full) {
            held.push_back(key);
            continue;
        }
        EXPECT_TRUE(charges[0].zone_full);
        EXPECT_FALSE(charges[0].outcome.admitted);
        EXPECT_GT(charges[0].outcome.retry, 0U);
    }
    ASSERT_TRUE(full);
    EXPECT_GT(held.size(), zone.capacity() / 2);
    for (const auto known : held) {
        auto charges = charges_of(zone, windows, known, 0);
        charges[0].evict = false;
        ASSERT_EQ(decide(charges), npos);
        EXPECT_EQ(charges[0].outcome.remaining, 0U);
    }
    // An hour later there is room.
    auto later = charges_of(zone, windows, key, 3'600'001);
    later[0].evict = false;
    EXPECT_EQ(decide(later), npos);
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
        auto charges = charges_of(roomy, windows, key, 0);
        charges.push_back(charges_of(full, windows, key, 0)[0]);
        charges[1].evict = false;
        refused += decide(charges) == 1 ? 1 : 0;
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
        auto charges = charges_of(zone, windows, key, 0);
        decide(charges);
        told += charges[0].evicted_active ? 1 : 0;
    }
    EXPECT_EQ(told, 20'000 - zone.entries(zone.now(test_clocks().monotonic_ms).ticks, 1u << 20));
}

TEST(Decision, TheSameWindowTwiceIsChargedTwice)
{
    auto zone = test_zone();
    const auto windows = windows_of("3/minute");
    auto charges = charges_of(zone, windows, 1, 0);
    charges.push_back(charges[0]);
    EXPECT_EQ(decide(charges), npos);
    // One is left: the second charge refuses, and the first is taken back.
    EXPECT_EQ(decide(charges), 1U);
    EXPECT_TRUE(admits(zone, windows, 1, 0));
    EXPECT_FALSE(admits(zone, windows, 1, 0));
}

TEST(TakeBack, GivesTheChargeBackOnce)
{
    auto zone = test_zone();
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        const auto windows = windows_of("2/minute", algorithm);
        auto charges = charges_of(zone, windows, 1, 0);
        ASSERT_EQ(decide(charges), npos);
        take_back(charges[0]);
        EXPECT_TRUE(admits(zone, windows, 1, 0));
        EXPECT_TRUE(admits(zone, windows, 1, 0));
        EXPECT_FALSE(admits(zone, windows, 1, 0));
    }
}

TEST(TakeBack, LeavesALaterWindowAlone)
{
    auto zone = test_zone();
    const auto windows = windows_of("1/minute", Algorithm::fixed);
    auto charges = charges_of(zone, windows, 1, 0);
    ASSERT_EQ(decide(charges), npos);
    ASSERT_TRUE(admits(zone, windows, 1, 60'000));
    take_back(charges[0], charges[0].now.ticks + ticks_of_ms(60'001));
    EXPECT_FALSE(admits(zone, windows, 1, 60'001));
}

}  // namespace
}  // namespace gatehouse::limit
