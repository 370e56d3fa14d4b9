#include "sidecar/geoip/settling.h"

#include <gtest/gtest.h>

namespace gatehouse::geoip {
namespace {

Stamp of_size(std::int64_t size)
{
    return {.readable = true, .device = 1, .inode = 2, .size = size};
}

TEST(GeoipSettling, WaitsUntilAFileIsLeftAlone)
{
    Settling file;
    EXPECT_FALSE(file.due(of_size(1), 0));
    EXPECT_FALSE(file.due(of_size(1), 1999));
    EXPECT_FALSE(file.due(of_size(2), 2000)) << "it is being written to";
    EXPECT_FALSE(file.due(of_size(2), 3999));
    EXPECT_TRUE(file.due(of_size(2), 4000));
    EXPECT_FALSE(file.settled());
    file.read();
    EXPECT_TRUE(file.settled());
    EXPECT_FALSE(file.due(of_size(2), 9000)) << "once is enough";
}

TEST(GeoipSettling, ReadsWhatChangesLater)
{
    Settling file;
    (void)file.due(of_size(1), 0);
    EXPECT_TRUE(file.due(of_size(1), 2000));
    file.read();
    EXPECT_FALSE(file.due(of_size(3), 3000));
    EXPECT_FALSE(file.settled());
    EXPECT_TRUE(file.due(of_size(3), 5000));
    file.read();
    file.again();
    EXPECT_TRUE(file.due(of_size(3), 5001)) << "asked for once more";
}

TEST(GeoipSettling, HoldsWhatItRead)
{
    Settling file;
    (void)file.due(of_size(1), 0);
    EXPECT_FALSE(file.holds(of_size(1)));
    (void)file.due(of_size(1), 2000);
    file.read();
    EXPECT_TRUE(file.holds(of_size(1)));
    EXPECT_FALSE(file.holds(of_size(2))) << "changed since";
    EXPECT_FALSE(file.holds(Stamp{})) << "gone, or not to be read";

    Settling gone;
    (void)gone.due(Stamp{}, 0);
    EXPECT_TRUE(gone.due(Stamp{}, 2000));
    gone.read();
    EXPECT_TRUE(gone.settled());
    EXPECT_FALSE(gone.holds(Stamp{}));
}

}  // namespace
}  // namespace gatehouse::geoip
