#include "sidecar/limits/plan_windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::limits {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names(const ZoneDescription& zone, const PlanWords& said = {})
{
    const auto windows = windows_of(zone, said);
    std::vector<std::string> names;
    if (!windows) {
        return {"error: " + windows.error().message};
    }
    for (const auto& [window, burst] : *windows) {
        names.push_back(window.name + (burst ? " " + std::to_string(*burst) : ""));
    }
    return names;
}

TEST(PlanWindows, ARateOnceForEveryBurst)
{
    const ZoneDescription zone{.name = "z", .rate = "10r/s", .quota = "5/hour", .bursts = {0, 20}};
    EXPECT_THAT(names(zone), ElementsAre("10r/s 0", "10r/s 20", "5/hour"));
    EXPECT_THAT(names(zone, {.rate = {}, .quota = {}, .burst = 3}),
                ElementsAre("10r/s 3", "5/hour"));
    EXPECT_THAT(names({.name = "z", .rate = "10r/s"}), ElementsAre("10r/s 0"));
}

TEST(PlanWindows, WhatTheRequestDecidesMustBeSaid)
{
    const ZoneDescription zone{
        .name = "z", .rate = "1r/s", .quota = "$plan", .quota_varies = true, .bursts = {0}};
    EXPECT_THAT(names(zone)[0], HasSubstr("takes its quota from \"$plan\""));
    EXPECT_THAT(names(zone, {.rate = {}, .quota = "9/day", .burst = {}}),
                ElementsAre("1r/s 0", "9/day"));
    EXPECT_THAT(names(zone, {.rate = "2r/s", .quota = {}, .burst = {}}), ElementsAre("2r/s 0"));
}

TEST(PlanWindows, WhatIsSaidMayBeNonsense)
{
    const ZoneDescription zone{.name = "z", .quota = "5/hour"};
    EXPECT_THAT(names(zone, {.rate = {}, .quota = "many", .burst = {}})[0], HasSubstr("error: "));
    EXPECT_THAT(names(zone, {.rate = "fast", .quota = {}, .burst = {}})[0], HasSubstr("error: "));
    EXPECT_THAT(names(zone, {.rate = "1r/s", .quota = {}, .burst = ~std::uint64_t{0}})[0],
                HasSubstr("a burst of 18446744073709551615 is more than can be"));
}

TEST(ZoneDescriptions, AreReadFromWhatAWorkerSays)
{
    const auto zones = parse_zones(
        R"([{"name":"api","key":"$gate_client","rate":"1r/s","rate_varies":false,"window":"sliding",
             "align":"utc","full":"refuse","bytes":65536,"bursts":[0,7],"utc_offset_ms":-5}])");
    ASSERT_EQ(zones.size(), 1U);
    EXPECT_EQ(zones[0].name, "api");
    EXPECT_EQ(zones[0].algorithm, limit::Algorithm::sliding);
    EXPECT_EQ(zones[0].align, limit::Align::utc);
    EXPECT_FALSE(zones[0].evict);
    EXPECT_THAT(zones[0].bursts, ElementsAre(0U, 7U));
    EXPECT_EQ(zones[0].utc_offset_ms, -5);
}

TEST(ZoneDescriptions, WhatIsNoneIsLeftOut)
{
    for (const char* text : {"", "{}", "null", "[", "[1, [], {}]", R"([{"name": 7}])",
                             R"([{"name": "a/b"}, {"name": ""}])"}) {
        EXPECT_TRUE(parse_zones(text).empty()) << text;
    }
    const auto odd = parse_zones(R"([{"name":"a","bytes":-1,"bursts":[-1,"x"],"window":"?"}])");
    ASSERT_EQ(odd.size(), 1U);
    EXPECT_EQ(odd[0].bytes, 0U);
    EXPECT_THAT(odd[0].bursts, ElementsAre(0U, 0U));
}

}  // namespace
}  // namespace gatehouse::limits
