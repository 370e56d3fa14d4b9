#include "sidecar/cards/rhythm.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

config::Card card(config::Refresh refresh)
{
    config::Card card;
    card.refresh = std::move(refresh);
    return card;
}

TEST(Rhythm, OnChangeVerifiesTwicePerMaxAge)
{
    auto on_change = card(config::OnChange{});
    on_change.max_age = Milliseconds{60'000};
    EXPECT_EQ(rhythm_of(on_change).verify_every, Milliseconds{30'000});
    on_change.max_age = Milliseconds{1};
    EXPECT_EQ(rhythm_of(on_change).verify_every, Milliseconds{100}) << "but not all the time";
    EXPECT_FALSE(rhythm_of(on_change).interval);
    EXPECT_FALSE(rhythm_of(on_change).next_run);
}

TEST(Rhythm, AnIntervalIsOne)
{
    const auto rhythm = rhythm_of(card(config::Every{Milliseconds{500}}));
    EXPECT_EQ(rhythm.interval, Milliseconds{500});
    EXPECT_FALSE(rhythm.verify_every);
}

TEST(Rhythm, ManyThatRefreshOftenAreSpreadOverTheFirstInterval)
{
    int early = 0;
    for (int i = 0; i < 1000; ++i) {
        auto often = card(config::Every{Milliseconds{1000}});
        often.name = "card" + std::to_string(i);
        const auto first = rhythm_of(often).first;
        EXPECT_GT(first.count(), 0);
        EXPECT_LE(first, Milliseconds{1000});
        early += first <= Milliseconds{250} ? 1 : 0;
    }
    EXPECT_NEAR(early, 250, 60);  // more than four standard deviations
    EXPECT_EQ(rhythm_of(card(config::Every{Milliseconds{60'000}})).first.count(), 0);
}

TEST(Rhythm, CronIsAskedForTheNextRun)
{
    const auto rhythm = rhythm_of(card(config::Cron{"0 3 * * *", "UTC"}));
    ASSERT_TRUE(rhythm.next_run);
    // 1970-01-02 at three.
    EXPECT_EQ(rhythm.next_run(3LL * 3600 * 1000), 27LL * 3600 * 1000);
    EXPECT_EQ(rhythm.next_run(0), 3LL * 3600 * 1000);
    EXPECT_FALSE(rhythm_of(card(config::Cron{"not cron", "UTC"})).next_run);
}

}  // namespace
}  // namespace gatehouse::sidecar
