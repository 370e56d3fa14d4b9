#include "sidecar/alerts/growth.h"

#include <gtest/gtest.h>

namespace gatehouse::alerts {
namespace {

using std::chrono::seconds;

Counted counted(std::int64_t origin, double value)
{
    return {origin, {{"requests", {{{"api"}, value}}}}};
}

double total(const Growth& growth)
{
    return growth.totals().at("requests").at({"api"});
}

TEST(Growth, CountsWhatComesWhileItWatches)
{
    Growth growth;
    growth.take({counted(50, 1000)}, 100);
    EXPECT_EQ(total(growth), 0);
    growth.take({counted(50, 1010)}, 100);
    EXPECT_EQ(total(growth), 10);
}

TEST(Growth, CountsAllOfWhatBeganMeanwhile)
{
    Growth growth;
    growth.take({counted(200, 7)}, 100);
    EXPECT_EQ(total(growth), 7);
}

TEST(Growth, AnNginxThatIsOutOfSightForAWhileIsNoReset)
{
    Growth growth;
    growth.take({counted(50, 1000), counted(60, 5)}, 100);
    growth.take({counted(60, 6)}, 100);
    EXPECT_EQ(total(growth), 1);
    growth.take({counted(50, 1003), counted(60, 6)}, 100);
    EXPECT_EQ(total(growth), 4);
}

TEST(Growth, ACounterThatFellHasBegunAnew)
{
    Growth growth;
    growth.take({counted(0, 10)}, 100);
    growth.take({counted(0, 4)}, 100);
    EXPECT_EQ(total(growth), 14);
}

TEST(Growth, ASeriesThatIsNewCountsFromZero)
{
    Growth growth;
    growth.take({{50, {{"requests", {{{"old"}, 3}}}}}}, 100);
    growth.take({{50, {{"requests", {{{"api"}, 2}, {{"old"}, 3}}}}}}, 100);
    EXPECT_EQ(total(growth), 2);
}

Series series(double value)
{
    return {{"requests", {{{"api"}, value}}}};
}

TEST(Windows, SayHowMuchHasComeWithinThem)
{
    Windows windows;
    windows.configure({seconds{10}, seconds{60}});
    for (int second = 0; second <= 100; ++second) {
        windows.push(series(2.0 * second), second * 1000);
    }
    EXPECT_EQ(windows.growth(seconds{10}, "requests").at({"api"}), 20);
    EXPECT_EQ(windows.growth(seconds{60}, "requests").at({"api"}), 120);
    EXPECT_TRUE(windows.growth(seconds{60}, "others").empty());
    EXPECT_TRUE(windows.growth(seconds{7}, "requests").empty());
}

TEST(Windows, AreWholeOnceAllOfThemWasSeen)
{
    Windows windows;
    windows.configure({seconds{10}});
    EXPECT_FALSE(windows.is_whole(seconds{10}));
    for (int second = 0; second < 10; ++second) {
        windows.push(series(second), second * 1000);
        EXPECT_FALSE(windows.is_whole(seconds{10}));
    }
    EXPECT_EQ(windows.growth(seconds{10}, "requests").at({"api"}), 9);
    windows.push(series(10), 10'000);
    EXPECT_TRUE(windows.is_whole(seconds{10}));
}

TEST(Windows, KeepOverAReloadWhatTheyHaveSeen)
{
    Windows windows;
    windows.configure({seconds{10}});
    windows.push(series(0), 0);
    windows.push(series(5), 10'000);
    windows.configure({seconds{10}, seconds{20}});
    windows.push(series(6), 11'000);
    EXPECT_TRUE(windows.is_whole(seconds{10}));
    EXPECT_FALSE(windows.is_whole(seconds{20}));
}

}  // namespace
}  // namespace gatehouse::alerts
