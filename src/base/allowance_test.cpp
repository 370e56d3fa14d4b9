#include "src/base/allowance.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

int taken(Allowance& allowance, std::uint64_t now_ms, int asked)
{
    int count = 0;
    for (int i = 0; i < asked; ++i) {
        count += allowance.take(now_ms) ? 1 : 0;
    }
    return count;
}

TEST(Allowance, GivesSoManyAtOnce)
{
    Allowance allowance{3, 10};
    EXPECT_EQ(taken(allowance, 1'000'000, 5), 3);
}

TEST(Allowance, GivesOneEachIntervalAfterwards)
{
    Allowance allowance{3, 10};
    EXPECT_EQ(taken(allowance, 0, 3), 3);
    EXPECT_EQ(taken(allowance, 9, 1), 0);
    EXPECT_EQ(taken(allowance, 10, 2), 1);
    EXPECT_EQ(taken(allowance, 19, 1), 0);
    EXPECT_EQ(taken(allowance, 35, 5), 2);  // of 20 and 30
}

TEST(Allowance, SavesNoMoreThanAtOnce)
{
    Allowance allowance{3, 10};
    EXPECT_EQ(taken(allowance, 0, 3), 3);
    EXPECT_EQ(taken(allowance, 1'000'000, 9), 3);
}

TEST(Allowance, OfOneIsAnInterval)
{
    Allowance allowance{1, 10};
    EXPECT_EQ(taken(allowance, 5, 2), 1);
    EXPECT_EQ(taken(allowance, 14, 2), 0);
    EXPECT_EQ(taken(allowance, 15, 2), 1);
}

}  // namespace
}  // namespace gatehouse
