#include "sidecar/limits/zones.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "src/limit/test_zone.h"

namespace gatehouse::limits {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Memory shared(const limit::Zone& zone)
{
    auto memory = SharedMemory::adopt(UniqueFd{::dup(zone.fd())});
    EXPECT_TRUE(memory);
    return std::make_shared<const SharedMemory>(std::move(*memory));
}

Worker worker(std::int64_t pid, std::int64_t connected_at_ms, const std::string& quota,
              const Memory& memory)
{
    return {pid,
            {},
            connected_at_ms,
            R"([{"name":"z","key":"$gate_client","window":"gcra","quota":")" + quota + "\"}]",
            {{"limit:z", memory}}};
}

TEST(Zones, WorkersOfOneNginxShareOne)
{
    const auto zone = limit::test_zone();
    const auto memory = shared(zone);
    const auto zones = zones_of({worker(11, 5, "1/hour", memory), worker(12, 7, "2/hour", memory),
                                 worker(10, 6, "1/hour", memory)});
    ASSERT_EQ(zones.size(), 1U);
    EXPECT_EQ(zones[0].description.quota, "2/hour");  // the newest knows
    EXPECT_THAT(zones[0].workers, ElementsAre(10, 11, 12));
}

TEST(Zones, OfTwoNginxAreTwo)
{
    const auto one = limit::test_zone();
    const auto other = limit::test_zone();
    const auto zones =
        zones_of({worker(1, 5, "1/hour", shared(one)), worker(2, 6, "1/hour", shared(other))});
    EXPECT_EQ(zones.size(), 2U);
}

TEST(Zones, WhatIsOnlyDescribedSaysSo)
{
    auto silent = worker(1, 5, "1/hour", nullptr);
    silent.memory.clear();
    const auto zones = zones_of({silent});
    ASSERT_EQ(zones.size(), 1U);
    EXPECT_THAT(fill_of(zones[0]).error().message, HasSubstr("have not shared its memory"));
    EXPECT_THAT(free_all(zones[0]).error().message, HasSubstr("zone \"z\""));
    const auto held = zones_of(
        {worker(1, 5, "1/hour", std::make_shared<const SharedMemory>(SharedMemory::hold({})))});
    EXPECT_THAT(fill_of(held[0]).error().message, HasSubstr("which is not touched"));
}

TEST(Zones, AKeyStandsAndIsFreed)
{
    auto zone = limit::Zone::open(
        {.name = "z", .bytes = limit::Zone::smallest_bytes, .key = "$gate_client", .path = {}},
        limit::read_clocks());
    ASSERT_TRUE(zone);
    const auto windows = limit::windows_of("1/hour");
    limit::Charge charge;
    limit::Demand demand{.zone = &*zone,
                         .windows = windows,
                         .charges = &charge,
                         .key = zone->hash("k"),
                         .now = zone->now(limit::read_clocks().monotonic_ms)};
    ASSERT_EQ(limit::decide({&demand, 1}), nullptr);
    const auto zones = zones_of({worker(1, 5, "1/hour", shared(*zone))});
    EXPECT_EQ(fill_of(zones[0])->entries, 1U);
    const auto configured = windows_of(zones[0].description, {});
    ASSERT_TRUE(configured);
    EXPECT_TRUE((*standings(zones[0], "k", *configured))[0].standing.limited());
    EXPECT_FALSE((*standings(zones[0], "other", *configured))[0].standing.limited());
    EXPECT_EQ(*free_key(zones[0], "k", *configured), 1U);
    EXPECT_FALSE((*standings(zones[0], "k", *configured))[0].standing.limited());
}

TEST(Zones, AFileThatIsCutShortIsAnError)
{
    char path[] = "/tmp/gatehouse-zone-XXXXXX";
    UniqueFd file{::mkstemp(path)};
    auto zone = limit::Zone::open(
        {.name = "z", .bytes = limit::Zone::smallest_bytes, .key = "$gate_client", .path = path},
        limit::read_clocks());
    ASSERT_TRUE(zone);
    ASSERT_EQ(::unlink(path), 0);
    auto held = std::make_shared<const SharedMemory>(SharedMemory::hold(std::move(file)));
    const auto zones = zones_of({worker(1, 5, "1/hour", held)});
    EXPECT_EQ(fill_of(zones[0])->entries, 0U);
    ASSERT_EQ(::ftruncate(held->fd(), 4096), 0);
    EXPECT_THAT(fill_of(zones[0]).error().message, HasSubstr("smaller than any limit zone"));
}

}  // namespace
}  // namespace gatehouse::limits
