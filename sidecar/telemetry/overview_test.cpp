#include "sidecar/telemetry/overview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "src/telemetry/test_region.h"

namespace gatehouse::sidecar {
namespace {

using telemetry::Family;
using telemetry::LimitCounter;
using telemetry::NameKind;
using testing::HasSubstr;
using testing::Not;
using Memory = std::shared_ptr<const SharedMemory>;

/// A region with two requests and a refusal.
class OverviewTest : public telemetry::RegionTest {
protected:
    OverviewTest()
    {
        auto& column = region.open_column(0);
        const auto endpoint = *region.intern(NameKind::endpoint, "/api");
        const auto zone = *region.intern(NameKind::limit_zone, "app");
        const auto rejected = static_cast<std::uint16_t>(LimitCounter::rejected);
        telemetry::add(column.counters[series(Family::http_requests, endpoint, 200, 1)], 2);
        telemetry::add(column.counters[series(Family::limit, zone, 0, rejected)], 1);
        telemetry::observe(column.histograms[endpoint], 200'000);
    }

    Memory memory() const
    {
        auto adopted = SharedMemory::adopt(UniqueFd{::dup(region.fd())});
        EXPECT_TRUE(adopted);
        return std::make_shared<const SharedMemory>(std::move(*adopted));
    }
};

TEST_F(OverviewTest, TellsWhatIsCounted)
{
    const auto json = telemetry_json({memory()}, 42);
    EXPECT_THAT(json, HasSubstr("\"at_ms\":42"));
    EXPECT_THAT(json, HasSubstr(R"("endpoint":"/api","requests":{"other":0,"1xx":0,"2xx":2)"));
    EXPECT_THAT(json, HasSubstr("\"duration_counts\":[0,1,0"));
    EXPECT_THAT(json, HasSubstr(R"("zone":"app","passed":0,"delayed":0,"rejected":1)"));
    EXPECT_THAT(json, Not(HasSubstr("\"endpoint\":\"other\"")));
}

TEST_F(OverviewTest, AddsUpAllNginx)
{
    const auto json = telemetry_json({memory(), memory()}, 0);
    EXPECT_THAT(json, HasSubstr("\"2xx\":4"));
    EXPECT_THAT(json, HasSubstr("\"rejected\":2"));
}

TEST_F(OverviewTest, LeavesOutWhatIsNoRegion)
{
    auto other = SharedMemory::create("test", 4096);
    ASSERT_TRUE(other);
    const auto json = telemetry_json({std::make_shared<const SharedMemory>(std::move(*other)),
                                      std::make_shared<const SharedMemory>(SharedMemory::hold({}))},
                                     0);
    EXPECT_THAT(json, HasSubstr("\"endpoints\":[]"));
}

}  // namespace
}  // namespace gatehouse::sidecar
