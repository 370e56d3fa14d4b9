#include "src/upstream/statuses.h"

#include <gtest/gtest.h>

namespace gatehouse::upstream {
namespace {

TEST(UpstreamStatuses, ContainTheirRanges)
{
    const auto statuses = Statuses::parse("200-204,301,400-499");
    ASSERT_TRUE(statuses) << statuses.error().message;
    for (const long status : {200L, 204L, 301L, 400L, 499L}) {
        EXPECT_TRUE(statuses->contains(status)) << status;
    }
    for (const long status : {0L, 199L, 205L, 300L, 302L, 399L, 500L, 1200L}) {
        EXPECT_FALSE(statuses->contains(status)) << status;
    }
    EXPECT_EQ(statuses->text(), "200-204,301,400-499");
}

TEST(UpstreamStatuses, AreRefusedWhereTheyAreNone)
{
    for (const auto* text : {"", ",", "200,", "20", "2000", "099", "600", "2xx", "399-200", "200-",
                             "-200", " 200", "200 ", "+20", "200--300", "200-300-400"}) {
        EXPECT_FALSE(Statuses::parse(text)) << text;
    }
}

}  // namespace
}  // namespace gatehouse::upstream
