// Sums, differences, shares and quantiles, worked out by hand.
#include "sidecar/history/traffic.h"

#include <gtest/gtest.h>

namespace gatehouse::history {
namespace {

/// `count` requests, all in the bucket up to that bound.
Traffic requests(Number count, std::size_t bucket)
{
    Traffic traffic;
    traffic[Traffic::requests] = count;
    traffic.buckets()[bucket] = count;
    return traffic;
}

TEST(Traffic, HasAColumnForEachNumber)
{
    EXPECT_EQ(traffic_columns.size(), 24u);
    EXPECT_STREQ(traffic_columns[Traffic::duration_ns], "duration_ns");
    EXPECT_STREQ(traffic_columns[Traffic::first_bucket], "le_100us");
    EXPECT_EQ(telemetry::bucket_bounds_ns[0], 100'000u);
    EXPECT_STREQ(traffic_columns[Traffic::size - 2], "le_60s");
    EXPECT_EQ(telemetry::bucket_bounds_ns[17], 60'000'000'000u);
    EXPECT_STREQ(traffic_columns[Traffic::first_bucket + 12], "le_1s");
    EXPECT_EQ(telemetry::bucket_bounds_ns[12], 1'000'000'000u);
}

TEST(Traffic, CountersThatFellCountFromZero)
{
    Traffic before, now;
    before[Traffic::requests] = 100;
    now[Traffic::requests] = 130;
    before[Traffic::bytes] = 5000;
    now[Traffic::bytes] = 700;
    const auto between = since(before, now);
    EXPECT_EQ(between[Traffic::requests], 30);
    EXPECT_EQ(between[Traffic::bytes], 700);
    EXPECT_EQ(between[Traffic::errors], 0);
}

TEST(Traffic, PartsAreEqualAndTogetherTheWhole)
{
    Traffic whole;
    whole[Traffic::requests] = 10;
    whole[Traffic::errors] = 2;
    whole[Traffic::bytes] = 9'000'000'000'000'000'000;
    Traffic sum;
    for (Number i = 0; i < 7; ++i) {
        const auto part = part_of(whole, i, 7);
        EXPECT_GE(part[Traffic::requests], 1);
        EXPECT_LE(part[Traffic::requests], 2);
        EXPECT_LE(part[Traffic::errors], 1);
        add(sum, part);
    }
    EXPECT_EQ(sum, whole);
}

/// As Prometheus: bounds 1 ms and 2.5 ms around the bucket; rank 50 of 100 lies in its middle.
TEST(Traffic, QuantilesLieOnAStraightLineWithinABucket)
{
    const auto traffic = requests(100, 4);
    EXPECT_DOUBLE_EQ(*quantile_ms(traffic, 0.5), 1.75);
    EXPECT_DOUBLE_EQ(*quantile_ms(traffic, 1), 2.5);
    EXPECT_DOUBLE_EQ(*quantile_ms(requests(4, 0), 0.5), 0.05) << "the first bucket begins at 0";
    EXPECT_DOUBLE_EQ(*quantile_ms(requests(4, 18), 0.5), 60'000) << "beyond the last bound";
    EXPECT_FALSE(quantile_ms(Traffic{}, 0.5));
}

/// 990 requests of at most 100 µs and 10 of 250 to 500 ms. Of the two steps one holds nearly all
/// short ones: the mean of their 99th percentiles would be some 250 ms, that of all is 0.1 ms.
TEST(Traffic, QuantilesOfTheWholeAreOfMergedCounts)
{
    auto whole = requests(990, 0);
    add(whole, requests(10, 11));
    EXPECT_DOUBLE_EQ(*quantile_ms(whole, 0.99), 0.1);
    EXPECT_DOUBLE_EQ(*quantile_ms(whole, 0.995), 375) << "the middle of 250 to 500";
}

TEST(Traffic, TheMeanIsOfAllDurations)
{
    Traffic traffic;
    EXPECT_FALSE(mean_ms(traffic));
    traffic[Traffic::requests] = 4;
    traffic[Traffic::duration_ns] = 10'000'000;
    EXPECT_DOUBLE_EQ(*mean_ms(traffic), 2.5);
}

}  // namespace
}  // namespace gatehouse::history
