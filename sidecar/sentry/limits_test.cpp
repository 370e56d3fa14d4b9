#include "sidecar/sentry/limits.h"

#include <gtest/gtest.h>

namespace gatehouse::sentry {
namespace {

// The examples of https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/.
TEST(Limits, AreOfCategories)
{
    Limits limits;
    limits.take(200, "60:transaction:key, 2700:session;metric_bucket:organization", "", 0);
    EXPECT_FALSE(limits.hold(0));
    limits.take(200, "60:transaction:key, 2700:default;error;security:organization", "", 0);
    EXPECT_TRUE(limits.hold(2'699'999));
    EXPECT_FALSE(limits.hold(2'700'000));
}

TEST(Limits, WithoutACategoryAreOfAll)
{
    Limits limits;
    limits.take(429, "60::organization", "600", 1000);
    EXPECT_TRUE(limits.hold(60'999));
    EXPECT_FALSE(limits.hold(61'000));  // Retry-After counts only where the other is absent
}

TEST(Limits, Of429)
{
    Limits limits;
    limits.take(429, "", "5", 0);
    EXPECT_TRUE(limits.hold(4'999));
    EXPECT_FALSE(limits.hold(5'000));
    limits.take(429, "", "", 10'000);
    EXPECT_TRUE(limits.hold(69'999));
    EXPECT_FALSE(limits.hold(70'000));
    limits.take(200, "", "1000", 70'000);
    EXPECT_FALSE(limits.hold(70'000));
}

TEST(Limits, NeverEndSoonerAndAreNeverForEver)
{
    Limits limits;
    limits.take(429, "60::key", "", 0);
    limits.take(429, "1::key", "", 0);
    EXPECT_TRUE(limits.hold(59'999));
    limits.take(429, "1e300::key, -5::key, nan::key, x, :::, ,", "", 0);
    EXPECT_FALSE(limits.hold(86'400'000));
}

}  // namespace
}  // namespace gatehouse::sentry
