#include "src/telemetry/region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>

#include "src/telemetry/test_region.h"

namespace gatehouse::telemetry {
namespace {

TEST_F(RegionTest, ANameKeepsItsIndex)
{
    EXPECT_EQ(region.intern(NameKind::endpoint, "/a"), 1);
    EXPECT_EQ(region.intern(NameKind::endpoint, "/b"), 2);
    EXPECT_EQ(region.intern(NameKind::endpoint, "/a"), 1);
    EXPECT_EQ(region.intern(NameKind::limit_zone, "/a"), 1);
    EXPECT_EQ(reader().name(NameKind::endpoint, 0), "other");
    EXPECT_EQ(reader().name(NameKind::endpoint, 2), "/b");
    EXPECT_EQ(reader().name(NameKind::endpoint, 3), std::nullopt);
    EXPECT_EQ(reader().name(NameKind::endpoint, 99'999), std::nullopt);
    EXPECT_EQ(reader().names(NameKind::endpoint), 3u);
    EXPECT_EQ(region.intern(NameKind::card, ""), 1);
    EXPECT_EQ(reader().name(NameKind::card, 1), "");
}

TEST_F(RegionTest, WhatIsTooMuchIsCountedAndTheRestStays)
{
    for (unsigned i = 1; i < limit_zone_capacity; ++i) {
        ASSERT_EQ(region.intern(NameKind::limit_zone, "z" + std::to_string(i)), i);
    }
    EXPECT_EQ(region.intern(NameKind::limit_zone, "one more"), std::nullopt);
    EXPECT_EQ(reader().dropped(), 1u);
    EXPECT_EQ(region.intern(NameKind::limit_zone, "z7"), 7);
    EXPECT_TRUE(region.intern(NameKind::cap_zone, "z7"));
}

TEST_F(RegionTest, AllNamesMayBeAsLongAsTheyCan)
{
    for (unsigned i = 1; i < endpoint_capacity; ++i) {
        auto name = std::string(longest_name + 50, 'x');
        name.replace(0, 4, std::to_string(1000 + i));
        ASSERT_EQ(region.intern(NameKind::endpoint, name), i);
    }
    EXPECT_EQ(reader().name(NameKind::endpoint, 1)->size(), longest_name);
}

TEST_F(RegionTest, ACounterIsTheSumOfAllColumns)
{
    const auto index = series(Family::limit, 5, 0, 2);
    EXPECT_NE(index, 0);
    EXPECT_EQ(series(Family::limit, 5, 0, 2), index);
    EXPECT_EQ(total({Family::limit, 5, 0, 2}), 0);
    add(region.open_column(0).counters[index], 3);
    add(region.open_column(2).counters[index], 4);
    EXPECT_EQ(total({Family::limit, 5, 0, 2}), 7);
    EXPECT_EQ(total({Family::limit, 5, 0, 1}), -1);
}

TEST_F(RegionTest, SeriesComeInOrder)
{
    for (std::uint16_t i = 100; i > 0; --i) {
        series(Family::http_requests, i % 10, i, 1);
    }
    const auto totals = reader().totals();
    ASSERT_EQ(totals.size(), 100u);
    for (std::size_t i = 1; i < totals.size(); ++i) {
        EXPECT_LT(totals[i - 1].key.packed(), totals[i].key.packed());
    }
}

TEST_F(RegionTest, SeriesFillUpToTheLastAndNoFurther)
{
    std::set<std::uint16_t> indices;
    for (unsigned i = 1; i < counter_capacity; ++i) {
        const auto index =
            region.add_series({Family::http_requests, static_cast<std::uint16_t>(i % 1000),
                               static_cast<std::uint16_t>(i / 1000), 1});
        ASSERT_TRUE(index) << i;
        indices.insert(*index);
    }
    EXPECT_EQ(indices.size(), counter_capacity - 1);
    EXPECT_EQ(region.add_series({Family::decisions, 1, 1, 1}), std::nullopt);
    EXPECT_EQ(reader().dropped(), 1u);
    EXPECT_TRUE(region.add_series({Family::http_requests, 1, 0, 1}));
}

TEST_F(RegionTest, ProcessesThatAddTheSameGetTheSame)
{
    constexpr int processes = 4;
    constexpr std::uint16_t names = 200;
    for (int process = 0; process < processes; ++process) {
        if (::fork() == 0) {
            for (std::uint16_t i = 0; i < names; ++i) {
                const auto name = region.intern(NameKind::card, "card" + std::to_string(i));
                const auto index = region.add_series({Family::card_served, *name, 0, 1});
                auto& column = region.open_column(static_cast<unsigned>(process) % 3);
                column.counters[*index].fetch_add(1);  // two of them share a column here
            }
            ::_exit(0);
        }
    }
    for (int process = 0; process < processes; ++process) {
        ::wait(nullptr);
    }
    EXPECT_EQ(reader().names(NameKind::card), names + 1u);
    for (const auto& total : reader().totals()) {
        EXPECT_EQ(total.value, processes);
    }
    EXPECT_EQ(reader().totals().size(), names);
}

TEST_F(RegionTest, OfADeadWorkerTheCountersStayAndTheGaugesGo)
{
    const auto index = series(Family::cap_rejected, 1);
    auto& column = region.open_column(1);
    add(column.counters[index], 9);
    column.gauges[1].store(3);
    region.open_column(0).gauges[1].store(2);
    EXPECT_EQ(reader().gauge(1), 5);
    region.clear_gauges(1);
    region.clear_gauges(1);
    EXPECT_EQ(reader().gauge(1), 2);
    EXPECT_EQ(total({Family::cap_rejected, 1, 0, 0}), 9);
}

TEST_F(RegionTest, HistogramsAddUp)
{
    observe(region.open_column(0).histograms[7],
            100'000);  // within the first bound, as it equals it
    observe(region.open_column(1).histograms[7], 100'001);
    observe(region.open_column(1).histograms[7], 61'000'000'000);
    const auto total = reader().histogram(7);
    EXPECT_EQ(total.buckets[0], 1u);
    EXPECT_EQ(total.buckets[1], 1u);
    EXPECT_EQ(total.buckets[bucket_count - 1], 1u);
    EXPECT_EQ(total.sum_ns, 61'000'200'001u);
    EXPECT_EQ(reader().histogram(99'999).sum_ns, 0u);
}

TEST(Histogram, BoundsRiseAndEveryDurationHasItsBucket)
{
    for (unsigned i = 0; i + 1 < bucket_count; ++i) {
        EXPECT_EQ(bucket_of(bucket_bounds_ns[i]), i);
        EXPECT_EQ(bucket_of(bucket_bounds_ns[i] + 1), i + 1);
    }
    EXPECT_EQ(bucket_of(0), 0u);
    EXPECT_EQ(bucket_of(~std::uint64_t{0}), bucket_count - 1);
}

TEST(Region, TakesNoMemoryBeforeItIsUsed)
{
    const auto region = Region::create(slot_capacity, 0);
    ASSERT_TRUE(region);
    struct stat status {};
    ASSERT_EQ(::fstat(region->fd(), &status), 0);
    EXPECT_LE(status.st_blocks * 512, 64 << 10);
    const auto reader = Reader::open(region->bytes());
    ASSERT_TRUE(reader);
    EXPECT_TRUE(reader->totals().empty());
}

}  // namespace
}  // namespace gatehouse::telemetry
