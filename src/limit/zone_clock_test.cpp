// Zone time: through reboots, and beside wall clocks that are wrong.
#include <gtest/gtest.h>

#include "src/limit/test_zone_file.h"

namespace gatehouse::limit {
namespace {

constexpr std::uint64_t second = 1000;
constexpr std::uint64_t hour = 3600 * second;

using ZoneClock = ZoneFile;

TEST_F(ZoneClock, GoesOnWithinABoot)
{
    const auto windows = windows_of("60/hour");
    {
        auto zone = open();
        spend(zone, windows, test_clocks().monotonic_ms, 60);
    }
    auto clocks = test_clocks();
    clocks.monotonic_ms += 600 * second;
    clocks.unix_ms += 5 * hour;  // the wall clock was set: that is no time
    auto zone = open(clocks);
    EXPECT_EQ(remaining(zone, windows, clocks.monotonic_ms), 10U);
}

/// Another boot, whose monotonic clock began anew; the machine was away for so long.
Clocks after_reboot(std::uint64_t away_ms)
{
    return {.monotonic_ms = 30 * second,
            .unix_ms = test_clocks().unix_ms + static_cast<std::int64_t>(away_ms),
            .boot_id = "boot-2"};
}

TEST_F(ZoneClock, GoesOnAfterARebootByTheWallClock)
{
    const auto gcra = windows_of("3600/hour");
    const auto fixed = windows_of("10/hour", Algorithm::fixed);
    for (const std::uint64_t away : {1 * second, 600 * second, 3599 * second}) {
        fs::remove(settings_.path);
        {
            auto zone = open();
            spend(zone, gcra, test_clocks().monotonic_ms, 3600);
            spend(zone, fixed, test_clocks().monotonic_ms, 10);
            zone.beat(test_clocks());
        }
        const auto clocks = after_reboot(away);
        auto zone = open(clocks);
        EXPECT_NEAR(static_cast<double>(remaining(zone, gcra, clocks.monotonic_ms)),
                    static_cast<double>(away / second), 1);
        // The fixed window ends an hour after its first request, within a second.
        const auto left = hour - away;
        EXPECT_EQ(remaining(zone, fixed, clocks.monotonic_ms + left - second), 0U);
        EXPECT_EQ(remaining(zone, fixed, clocks.monotonic_ms + left + second), 10U);
    }
}

TEST_F(ZoneClock, LosesNoWindowToAWallClockThatIsBehind)
{
    const auto windows = windows_of("3600/hour");
    {
        auto zone = open();
        spend(zone, windows, test_clocks().monotonic_ms, 3600);
    }
    // A machine without a battery: 1970, until the network tells the time.
    auto clocks = after_reboot(0);
    clocks.unix_ms = 12 * second;
    {
        auto zone = open(clocks);
        EXPECT_EQ(remaining(zone, windows, clocks.monotonic_ms), 0U);
        EXPECT_EQ(remaining(zone, windows, clocks.monotonic_ms + 600 * second), 600U);
        // The wall clock jumps to today while we run; the beat takes note of it.
        clocks.monotonic_ms += 600 * second;
        clocks.unix_ms = test_clocks().unix_ms;
        zone.beat(clocks);
    }
    const Clocks third{.monotonic_ms = 5 * second,
                       .unix_ms = clocks.unix_ms + 300 * static_cast<std::int64_t>(second),
                       .boot_id = "boot-3"};
    auto zone = open(third);
    EXPECT_NEAR(static_cast<double>(remaining(zone, windows, third.monotonic_ms)), 900, 1);
}

TEST_F(ZoneClock, BeginsAnewAfterAPauseLongerThanAnyWindow)
{
    const auto windows = windows_of("1/15 years");
    {
        auto zone = open();
        spend(zone, windows, test_clocks().monotonic_ms, 1);
    }
    const auto clocks = after_reboot(100 * 365 * 24 * hour);
    auto zone = open(clocks);
    EXPECT_EQ(remaining(zone, windows, clocks.monotonic_ms), 1U);
    spend(zone, windows, clocks.monotonic_ms, 1);
    EXPECT_EQ(remaining(zone, windows, clocks.monotonic_ms + 24 * hour), 0U);
}

TEST_F(ZoneClock, WithoutABootIdGoesByTheWallClock)
{
    const auto windows = windows_of("3600/hour");
    auto clocks = test_clocks();
    clocks.boot_id.clear();
    {
        auto zone = open(clocks);
        spend(zone, windows, clocks.monotonic_ms, 3600);
    }
    clocks.monotonic_ms = 7 * second;
    clocks.unix_ms += 60 * static_cast<std::int64_t>(second);
    auto zone = open(clocks);
    EXPECT_NEAR(static_cast<double>(remaining(zone, windows, clocks.monotonic_ms)), 60, 1);
}

TEST(Clock, ReadsTheMachinesOwn)
{
    const auto first = read_clocks();
    const auto second_reading = read_clocks();
    EXPECT_GT(first.monotonic_ms, 0U);
    EXPECT_GE(second_reading.monotonic_ms, first.monotonic_ms);
    EXPECT_GT(first.unix_ms, 1'700'000'000'000);
    EXPECT_EQ(first.boot_id.size(), 36U);
}

}  // namespace
}  // namespace gatehouse::limit
