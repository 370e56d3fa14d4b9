#include "sidecar/app/lane_of.h"

#include <gtest/gtest.h>

namespace gatehouse::app {
namespace {

config::Source source(const std::string& name, const std::string& kind)
{
    config::Source source;
    source.name = name;
    source.kind = kind;
    return source;
}

TEST(LaneOf, ACacheThatIsBeingMadeHoldsUpOnlyWhatReadsIt)
{
    config::Config config;
    config.sources["c"] = source("c", "csv");
    config.sources["d"] = source("d", "csv");
    EXPECT_NE(lane_of(config, {"c"}, {"c"}).name, lane_of(config, {"d"}, {"c"}).name);
    EXPECT_NE(lane_of(config, {"c", "d"}, {"c"}).name, "");
    EXPECT_EQ(lane_of(config, {"c"}, {"d"}).name, "");
}

TEST(LaneOf, DatabasesHaveLanesOfTheirOwnWithinTheirConnections)
{
    config::Config config;
    config.engine.workers = 2;
    config.sources["c"] = source("c", "csv");
    config.sources["p"] = source("p", "postgres");
    config.sources["s"] = source("s", "sqlite");
    config.sources["s"].database.pool_size = 3;
    config.sources["s"].database.max_overflow = 0;
    config.sources["tight"] = source("tight", "postgres");
    config.sources["tight"].database.pool_size = 1;
    config.sources["tight"].database.max_overflow = 0;

    EXPECT_EQ(lane_of(config, {"c"}).name, "");
    EXPECT_EQ(lane_of(config, {"c"}).places, 2u);
    EXPECT_EQ(lane_of(config, {"c"}).aside, 8u);
    EXPECT_EQ(lane_of(config, {"p"}).name, lane_of(config, {"c", "p"}).name);
    EXPECT_NE(lane_of(config, {"p"}).name, lane_of(config, {"s"}).name);
    EXPECT_NE(lane_of(config, {"p"}).name, lane_of(config, {"p", "s"}).name);
    EXPECT_EQ(lane_of(config, {"p"}).aside, 8u);
    EXPECT_EQ(lane_of(config, {"s"}).aside, 1u);
    EXPECT_EQ(lane_of(config, {"p", "s"}).aside, 1u);
    EXPECT_EQ(lane_of(config, {"tight"}).aside, 0u);
}

}  // namespace
}  // namespace gatehouse::app
