#include "sidecar/base/suggest.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

// Distances by hand; "ca" to "abc" is the textbook case that tells alignment (3) from full Damerau
// (2).
TEST(EditDistance, CountsInsertsDeletesReplacesAndSwaps)
{
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
    EXPECT_EQ(edit_distance("intervall", "interval"), 1u);
    EXPECT_EQ(edit_distance("pg_mian", "pg_main"), 1u);
    EXPECT_EQ(edit_distance("ca", "abc"), 3u);
}

TEST(DidYouMean, FindsASlip)
{
    const std::vector<std::string> names{"interval", "internal", "cron", "tz"};
    EXPECT_EQ(did_you_mean("intervall", names), "interval");
    EXPECT_EQ(did_you_mean("INTERVAL", names), "interval");
    EXPECT_EQ(did_you_mean("corn", names), "cron");
    EXPECT_EQ(did_you_mean("zt", names), "tz");
}

TEST(DidYouMean, SaysNothingWhenNothingIsNear)
{
    const std::vector<std::string> names{"cards", "sources", "a"};
    EXPECT_EQ(did_you_mean("identity", names), std::nullopt);
    EXPECT_EQ(did_you_mean("", names), std::nullopt);
    EXPECT_EQ(did_you_mean("x", names), std::nullopt);
    EXPECT_EQ(did_you_mean(std::string(1 << 20, 'a'), names), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::sidecar
