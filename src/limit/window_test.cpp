#include "src/limit/window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "src/limit/cell_word.h"

namespace gatehouse::limit {
namespace {

Now at_ms(std::uint64_t ms)
{
    return {ticks_of_ms(ms), 0};
}

/// One key of one window, with its cells.
class Key {
public:
    explicit Key(Window window) : window_(std::move(window)) {}

    Outcome hit(std::uint64_t ms, std::uint64_t cost = 1)
    {
        const auto now = at_ms(ms);
        auto& word = words_[cell_salt(window_, now) & 1];
        const auto outcome =
            charge(window_, word, words_[previous_salt(window_, now) & 1], now, cost);
        word = outcome.word;
        return outcome;
    }

    const Window& window() const { return window_; }

private:
    Window window_;
    std::uint64_t words_[2] = {0, 0};
};

/// ngx_http_limit_req_lookup, in its own integers: `excess` in 1/1000 of a request.
class LimitReq {
public:
    LimitReq(std::int64_t rate, std::int64_t burst) : rate_(rate), burst_(burst * 1000) {}

    struct Answer {
        bool admitted;
        std::int64_t excess;
    };

    Answer hit(std::int64_t now_ms)
    {
        std::int64_t excess = 0;
        if (known_) {
            excess = std::max<std::int64_t>(excess_ - rate_ * (now_ms - last_) / 1000 + 1000, 0);
        }
        if (known_ && excess > burst_) {
            return {false, excess};
        }
        known_ = true;
        excess_ = excess;
        last_ = now_ms;
        return {true, excess};
    }

private:
    std::int64_t rate_;
    std::int64_t burst_;
    bool known_ = false;
    std::int64_t excess_ = 0;
    std::int64_t last_ = 0;
};

TEST(Rate, DecidesAsLimitReqOnRandomSequences)
{
    std::mt19937_64 random{20260101};
    for (const std::uint64_t rate : {1000U, 3000U, 7000U, 10'000U, 333'000U, 1'000'000U, 500U, 16U,
                                     166U, 116U, 1'000'000'000U}) {
        for (const std::uint64_t burst : {0U, 1U, 5U, 20U, 1000U}) {
            Key ours{rate_window(rate, burst, "")};
            LimitReq theirs{static_cast<std::int64_t>(rate), static_cast<std::int64_t>(burst)};
            const double mean_gap_ms = 1e6 / static_cast<double>(rate);
            std::exponential_distribution<double> gap{1 / mean_gap_ms};
            double clock = 1e9;
            for (int i = 0; i < 4000; ++i) {
                // Now faster, now slower than the rate.
                clock += gap(random) * (i / 500 % 2 == 0 ? 0.3 : 1.5);
                const auto ms = static_cast<std::uint64_t>(clock);
                const auto mine = ours.hit(ms);
                const auto his = theirs.hit(static_cast<std::int64_t>(ms));
                ASSERT_EQ(mine.admitted, his.admitted) << rate << " " << burst << " " << i;
                if (mine.admitted) {
                    ASSERT_EQ(static_cast<std::int64_t>(mine.excess_milli), his.excess)
                        << rate << " " << burst << " " << i;
                }
            }
        }
    }
}

TEST(Rate, SaysWhenToComeBack)
{
    Key key{rate_window(2000, 1, "2r/s")};
    EXPECT_TRUE(key.hit(1'000'000).admitted);
    const auto second = key.hit(1'000'000);
    EXPECT_TRUE(second.admitted);
    EXPECT_EQ(second.remaining, 0U);
    const auto third = key.hit(1'000'000);
    EXPECT_FALSE(third.admitted);
    EXPECT_EQ(whole_ms(third.retry), 500U);
    EXPECT_FALSE(key.hit(1'000'499).admitted);
    EXPECT_TRUE(key.hit(1'000'500).admitted);
}

class Quota : public testing::TestWithParam<Algorithm> {};

TEST_P(Quota, AdmitsItsAmountAndRefusesTheNext)
{
    for (const std::uint64_t amount : {1U, 2U, 10U, 200U, 999U}) {
        Key key{quota_window(GetParam(), Align::first, amount, 60'000, "")};
        for (std::uint64_t i = 0; i < amount; ++i) {
            const auto outcome = key.hit(600'000'000);
            ASSERT_TRUE(outcome.admitted) << amount << " " << i;
            EXPECT_EQ(outcome.remaining, amount - i - 1);
        }
        const auto refused = key.hit(600'000'000);
        EXPECT_FALSE(refused.admitted);
        EXPECT_EQ(refused.remaining, 0U);
        EXPECT_GT(refused.retry, 0U);
    }
}

TEST_P(Quota, ARefusalChargesNothing)
{
    Key key{quota_window(GetParam(), Align::first, 3, 60'000, "")};
    for (int i = 0; i < 3; ++i) {
        key.hit(600'000'000);
    }
    const auto first = key.hit(600'000'001);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(key.hit(600'000'001).word, first.word);
    }
}

TEST_P(Quota, ComingBackAfterRetrySucceedsAndAMomentBeforeDoesNot)
{
    std::mt19937_64 random{7};
    Key key{quota_window(GetParam(), Align::first, 7, 60'000, "")};
    std::uint64_t ms = 600'000'000;
    int refusals = 0;
    for (int i = 0; i < 2000; ++i) {
        ms += random() % 12'000;
        const auto outcome = key.hit(ms);
        if (outcome.admitted) {
            continue;
        }
        ++refusals;
        const auto retry_ms = (outcome.retry + ticks_per_ms - 1) >> ticks_shift;
        EXPECT_FALSE(key.hit(ms + retry_ms - 1).admitted) << i;
        ms += retry_ms;
        EXPECT_TRUE(key.hit(ms).admitted) << i;
    }
    EXPECT_GT(refusals, 100);
}

TEST_P(Quota, ACostCountsAsSoManyRequests)
{
    Key key{quota_window(GetParam(), Align::first, 10, 60'000, "")};
    EXPECT_EQ(key.hit(600'000'000, 4).remaining, 6U);
    EXPECT_FALSE(key.hit(600'000'000, 7).admitted);
    EXPECT_TRUE(key.hit(600'000'000, 6).admitted);
    EXPECT_FALSE(key.hit(600'000'000, 1).admitted);
}

TEST_P(Quota, ACostAboveTheAmountNeverPasses)
{
    Key key{quota_window(GetParam(), Align::first, 10, 60'000, "")};
    EXPECT_FALSE(key.hit(600'000'000, 11).admitted);
    EXPECT_FALSE(key.hit(600'000'000, ~std::uint64_t{0}).admitted);
    EXPECT_EQ(key.hit(600'000'000).remaining, 9U);
}

TEST_P(Quota, NeverAdmitsMoreThanTwiceItsAmountInAPeriod)
{
    std::mt19937_64 random{11};
    constexpr std::uint64_t amount = 20;
    constexpr std::uint64_t period = 10'000;
    Key key{quota_window(GetParam(), Align::first, amount, period, "")};
    std::vector<std::uint64_t> admitted;
    std::uint64_t ms = 600'000'000;
    for (int i = 0; i < 20'000; ++i) {
        ms += random() % 300;
        if (key.hit(ms).admitted) {
            admitted.push_back(ms);
        }
    }
    for (std::size_t i = 2 * amount; i < admitted.size(); ++i) {
        ASSERT_GE(admitted[i] - admitted[i - 2 * amount], period);
    }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, Quota,
                         testing::Values(Algorithm::gcra, Algorithm::fixed, Algorithm::sliding));

TEST(Gcra, AdmitsNoMoreThanBurstAndRate)
{
    // ITU-T I.371: in any time t at most amount + t / interval.
    std::mt19937_64 random{3};
    constexpr std::uint64_t amount = 10;
    constexpr std::uint64_t period = 7'000;
    Key key{quota_window(Algorithm::gcra, Align::first, amount, period, "")};
    std::vector<std::uint64_t> admitted;
    std::uint64_t ms = 1'000'000;
    for (int i = 0; i < 20'000; ++i) {
        ms += random() % 400;
        if (key.hit(ms).admitted) {
            admitted.push_back(ms);
        }
    }
    for (std::size_t i = 0; i < admitted.size(); i += 7) {
        for (std::size_t j = i; j < std::min(i + 200, admitted.size()); ++j) {
            const auto time = admitted[j] - admitted[i];
            ASSERT_LE(j - i + 1, amount + time * amount / period + 1);
        }
    }
}

TEST(Gcra, RefillsEvenly)
{
    Key key{quota_window(Algorithm::gcra, Align::first, 10, 60'000, "")};
    for (int i = 0; i < 10; ++i) {
        key.hit(1'000'000);
    }
    EXPECT_FALSE(key.hit(1'005'999).admitted);
    EXPECT_TRUE(key.hit(1'006'001).admitted);
    EXPECT_FALSE(key.hit(1'006'002).admitted);
}

TEST(Fixed, BeginsWithTheFirstRequest)
{
    Key key{quota_window(Algorithm::fixed, Align::first, 2, 60'000, "")};
    EXPECT_TRUE(key.hit(1'000'030).admitted);
    EXPECT_TRUE(key.hit(1'059'999).admitted);
    EXPECT_FALSE(key.hit(1'060'029).admitted);
    EXPECT_TRUE(key.hit(1'060'030).admitted);
}

TEST(Fixed, AlignedToUtcEndsWithTheHour)
{
    const auto window = quota_window(Algorithm::fixed, Align::utc, 1, 3'600'000, "");
    // 2026-01-01T10:59:59Z and 11:00:00Z, on a zone clock that began an hour and a half before.
    constexpr std::int64_t ten_59_59 = 1'767'265'199'000;
    constexpr std::uint64_t zone_ms = 5'400'000;
    const Now before{ticks_of_ms(zone_ms), ten_59_59 - static_cast<std::int64_t>(zone_ms)};
    const Now after{ticks_of_ms(zone_ms + 1000), before.utc_offset_ms};
    const auto first = charge(window, 0, 0, before, 1);
    EXPECT_TRUE(first.admitted);
    EXPECT_EQ(whole_ms(first.reset), 1000U);
    EXPECT_FALSE(charge(window, first.word, 0, before, 1).admitted);
    EXPECT_TRUE(charge(window, first.word, 0, after, 1).admitted);
}

/// The sliding window counter, in floating point: previous * share + current + cost ≤ amount.
TEST(Sliding, EqualsTheFormula)
{
    std::mt19937_64 random{5};
    constexpr std::uint64_t amount = 30;
    constexpr std::uint64_t period = 1000;
    Key key{quota_window(Algorithm::sliding, Align::first, amount, period, "")};
    std::uint64_t number = 0;
    std::uint64_t previous = 0;
    std::uint64_t current = 0;
    std::uint64_t ms = 1'000'000;
    for (int i = 0; i < 20'000; ++i) {
        ms += random() % (i / 1000 % 2 == 0 ? 20 : 90);
        if (ms / period != number) {
            previous = ms / period == number + 1 ? current : 0;
            current = 0;
            number = ms / period;
        }
        const double share = static_cast<double>(period - ms % period) / period;
        const double used = std::ceil(static_cast<double>(previous) * share - 1e-9);
        const bool expected = used + static_cast<double>(current) + 1 <= amount;
        ASSERT_EQ(key.hit(ms).admitted, expected) << i;
        current += expected ? 1 : 0;
    }
}

TEST(Refund, TakesBackWhatWasCharged)
{
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        const auto window = quota_window(algorithm, Align::first, 5, 60'000, "");
        const auto now = at_ms(600'000'000);
        const auto one = charge(window, 0, 0, now, 1);
        const auto three = charge(window, one.word, 0, now, 3);
        const auto word = refund(window, three.word, three.word, now.ticks, 3);
        EXPECT_EQ(charge(window, word, 0, now, 1).remaining, 3U);
        // Another's charge lies in between.
        const auto four = charge(window, three.word, 0, now, 1);
        EXPECT_EQ(
            charge(window, refund(window, four.word, one.word, now.ticks, 1), 0, now, 1).remaining,
            0U);
    }
    const auto rate = rate_window(1000, 5, "");
    const auto now = at_ms(600'000'000);
    const auto one = charge(rate, 0, 0, now, 1);
    const auto two = charge(rate, one.word, 0, now, 1);
    EXPECT_EQ(refund(rate, two.word, two.word, now.ticks, 1), one.word);
}

TEST(Refund, LeavesACellThatTheChargeIsNoPartOfAnyMore)
{
    const auto early = at_ms(600'000'000);
    const auto late = at_ms(600'090'123);
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        const auto window = quota_window(algorithm, Align::first, 5, 60'000, "");
        const auto first = charge(window, 0, 0, early, 1);
        const auto second = charge(window, first.word, 0, late, 1);
        EXPECT_EQ(refund(window, second.word, first.word, late.ticks, 1), second.word);
    }
    const auto rate = rate_window(1000, 5, "");
    const auto first = charge(rate, 0, 0, early, 1);
    const auto second = charge(rate, first.word, 0, late, 1);
    EXPECT_EQ(refund(rate, second.word, first.word, late.ticks, 1), second.word);
}

TEST(Window, HoldsTheLongestPeriodAndTheLargestAmounts)
{
    const auto year = quota_window(Algorithm::gcra, Align::first, 1, longest_period_ms, "");
    const auto outcome = charge(year, 0, 0, at_ms(longest_period_ms), 1);
    EXPECT_TRUE(outcome.admitted);
    EXPECT_LT(outcome.word, std::uint64_t{1} << rank_shift);
    const auto sliding = quota_window(Algorithm::sliding, Align::first, 1, longest_period_ms, "");
    EXPECT_LT(charge(sliding, 0, 0, at_ms(longest_period_ms), 1).word, 1ULL << rank_shift);
    Key burst{rate_window(1000, largest_burst, "")};
    EXPECT_TRUE(burst.hit(1'000'000, largest_burst + 1).admitted);
    EXPECT_FALSE(burst.hit(1'000'000).admitted);
    EXPECT_LT(burst.hit(1'000'000).word, std::uint64_t{1} << rank_shift);
}

}  // namespace
}  // namespace gatehouse::limit
