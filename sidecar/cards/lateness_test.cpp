#include "sidecar/cards/lateness.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

using std::chrono::milliseconds;

TEST(Lateness, SharesOfRunsWithinBounds)
{
    Lateness lateness;
    EXPECT_EQ(lateness.runs(), 0u);
    EXPECT_EQ(lateness.quantile(0.99), 0);
    for (int i = 0; i < 98; ++i) {
        lateness.note(milliseconds{2}, 0);
    }
    lateness.note(milliseconds{51}, 0);
    lateness.note(milliseconds{120'000}, 0);
    EXPECT_EQ(lateness.runs(), 100u);
    EXPECT_EQ(lateness.quantile(0.5), 2);
    EXPECT_EQ(lateness.quantile(0.98), 2);
    EXPECT_EQ(lateness.quantile(0.99), 100);
    EXPECT_EQ(lateness.quantile(1), 60'000);
}

TEST(Lateness, ForgetsWhatIsTwoMinutesOld)
{
    Lateness lateness;
    lateness.note(milliseconds{400}, 0);
    lateness.note(milliseconds{1}, 60'000);
    EXPECT_EQ(lateness.quantile(1), 500);
    lateness.note(milliseconds{1}, 120'000);
    EXPECT_EQ(lateness.quantile(1), 1);
    EXPECT_EQ(lateness.runs(), 2u);
}

}  // namespace
}  // namespace gatehouse::sidecar
