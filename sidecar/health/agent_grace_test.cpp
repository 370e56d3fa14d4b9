#include "sidecar/health/agent_test.h"

namespace gatehouse::checks {
namespace {

TEST_F(ChecksAgent, GraceExcusesAtTheStartAndNoLonger)
{
    auto& agent = start();
    down_ = {"a"};
    auto check = held("a");
    check.severity = "critical";
    check.grace = seconds{1};
    const auto began_ms = sidecar::read_clocks().steady_ms;
    agent.configure(by_name({check}), {}, "1");
    ASSERT_TRUE(until([&] { return of(agent, "a").state == State::down; }));
    ASSERT_TRUE(of(agent, "a").excused);
    EXPECT_EQ(agent.report().state, State::up);
    EXPECT_TRUE(until([&] { return told_.back() == State::down; })) << "told without a run";
    EXPECT_GE(sidecar::read_clocks().steady_ms - began_ms, 999);
    EXPECT_FALSE(of(agent, "a").excused);
}

TEST_F(ChecksAgent, OutsideItsWindowsMaintenanceExcusesNothing)
{
    auto& agent = start();
    down_ = {"in", "out"};
    auto in = held("in");
    in.severity = "critical";
    in.maintenance = {{"* * * * *", "UTC", std::chrono::minutes{2}}};
    agent.configure(by_name({in}), {}, "1");
    ASSERT_TRUE(until([&] { return of(agent, "in").state == State::down; }));
    EXPECT_TRUE(of(agent, "in").excused);
    EXPECT_EQ(agent.report().state, State::up);

    const auto hour = sidecar::unix_ms() / 3'600'000 % 24;
    auto out = in;
    out.name = "out";
    out.maintenance = {
        {"0 " + std::to_string((hour + 12) % 24) + " * * *", "UTC", std::chrono::hours{1}}};
    agent.configure(by_name({in, out}), {}, "1");
    ASSERT_TRUE(until([&] { return of(agent, "out").state == State::down; }));
    EXPECT_FALSE(of(agent, "out").excused);
    EXPECT_EQ(agent.report().state, State::down);
    EXPECT_EQ(agent.report().message, "out: it is broken");
}

bool is_in_maintenance(const config::Maintenance& maintenance, std::int64_t unix_s)
{
    config::Check check;
    check.maintenance = {maintenance};
    const auto windows = windows_of(check);
    return windows.size() == 1 && windows.front().contains(unix_s * 1000);
}

/// `date -ud 2026-01-04T02:00:00Z +%s`, a Sunday: three in the morning in Berlin; in July it is one
/// in UTC.
TEST(MaintenanceWindow, LastsFromItsBeginningInItsZone)
{
    constexpr std::int64_t winter = 1'767'492'000, summer = 1'783'213'200, hour = 3600;
    const config::Maintenance berlin{"0 3 * * sun", "Europe/Berlin", std::chrono::hours{1}};
    EXPECT_FALSE(is_in_maintenance(berlin, winter - 1));
    EXPECT_TRUE(is_in_maintenance(berlin, winter));
    EXPECT_TRUE(is_in_maintenance(berlin, winter + hour - 1));
    EXPECT_FALSE(is_in_maintenance(berlin, winter + hour));
    EXPECT_FALSE(is_in_maintenance(berlin, winter + 24 * hour)) << "on a Monday";
    EXPECT_FALSE(is_in_maintenance(berlin, summer - 1));
    EXPECT_TRUE(is_in_maintenance(berlin, summer));
    EXPECT_FALSE(is_in_maintenance(berlin, summer + hour));

    const config::Maintenance utc{"0 3 * * sun", "UTC", std::chrono::hours{1}};
    EXPECT_FALSE(is_in_maintenance(utc, winter));
    EXPECT_TRUE(is_in_maintenance(utc, winter + hour));
    EXPECT_TRUE(is_in_maintenance(utc, summer + 2 * hour));
}

}  // namespace
}  // namespace gatehouse::checks
