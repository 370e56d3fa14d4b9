// What is read out of a telemetry region.
#include "sidecar/history/counters.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "src/telemetry/histogram.h"
#include "src/telemetry/region.h"

namespace gatehouse::history {
namespace {

using telemetry::Family;
using telemetry::NameKind;

constexpr std::int64_t start_ms = 1'700'000'000'123;

class CountersTest : public testing::Test {
protected:
    void count(Family family, std::uint16_t endpoint, std::uint16_t status, std::uint64_t by)
    {
        const auto index = region_->add_series({family, endpoint, status, 1});
        ASSERT_TRUE(index);
        telemetry::add(column_.counters[*index], by);
    }

    /// As the sidecar gets it: the descriptor, mapped for reading.
    std::optional<Counters> read() const
    {
        const auto adopted =
            SharedMemory::adopt(UniqueFd{::fcntl(region_->fd(), F_DUPFD_CLOEXEC, 0)});
        EXPECT_TRUE(adopted);
        return read_counters(*adopted);
    }

    Result<telemetry::Region> region_ = telemetry::Region::create(2, start_ms);
    telemetry::Column& column_ = region_->open_column(0);
};

TEST_F(CountersTest, AreSumsByEndpoint)
{
    const auto api = *region_->intern(NameKind::endpoint, "api");
    const auto odd = *region_->intern(NameKind::endpoint, "\xff");
    (void)region_->intern(NameKind::endpoint, "idle");
    count(Family::http_requests, api, 200, 7);
    count(Family::http_requests, api, 499, 1);
    count(Family::http_requests, api, 500, 2);
    count(Family::http_requests, api, 503, 3);
    count(Family::http_requests, odd, 200, 1);
    count(Family::refused, api, 0, 4);
    count(Family::sent_bytes, api, 0, 1234);
    count(Family::limit, api, 0, 99);
    telemetry::observe(column_.histograms[api], 80'000);
    telemetry::observe(column_.histograms[api], 2'000'000);

    const auto counters = read();
    ASSERT_TRUE(counters);
    EXPECT_EQ(counters->region.began_s, 1'700'000'000);
    ASSERT_EQ(counters->traffic.size(), 2u) << "what has counted nothing is not there";
    const auto& found = counters->traffic.at("api");
    EXPECT_EQ(found[Traffic::requests], 13);
    EXPECT_EQ(found[Traffic::errors], 5);
    EXPECT_EQ(found[Traffic::refused], 4);
    EXPECT_EQ(found[Traffic::bytes], 1234);
    EXPECT_EQ(found[Traffic::duration_ns], 2'080'000);
    EXPECT_EQ(found.buckets()[0], 1);
    EXPECT_EQ(found.buckets()[4], 1);
    EXPECT_EQ(counters->traffic.count("\xEF\xBF\xBD"), 1u) << "a name that is no UTF-8";
}

TEST_F(CountersTest, EachRegionHasANameOfItsOwn)
{
    const auto other = telemetry::Region::create(2, start_ms);
    const auto adopted = SharedMemory::adopt(UniqueFd{::fcntl(other->fd(), F_DUPFD_CLOEXEC, 0)});
    EXPECT_NE(region_name(*adopted)->text, read()->region.text) << "begun in the same millisecond";
    EXPECT_EQ(read()->region.text, read()->region.text);
}

TEST_F(CountersTest, WhatIsNoRegionIsLeftOut)
{
    const auto memory = SharedMemory::create("test", 1 << 20);
    EXPECT_FALSE(read_counters(*memory));
    EXPECT_FALSE(region_name(*memory));
}

}  // namespace
}  // namespace gatehouse::history
