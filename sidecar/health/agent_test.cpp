#include "sidecar/health/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "sidecar/base/clock.h"
#include "sidecar/health/entry.h"

namespace gatehouse::checks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ChecksAgent : public testing::Test {
protected:
    void TearDown() override
    {
        let_go();
        agent_.reset();
    }

    /// `resumes`: after a restart.
    Agent& start(bool resumes = false)
    {
        agent_ = std::make_unique<Agent>(ports(resumes));
        return *agent_;
    }

    /// Of a thing that the loop looks at.
    static config::Check held(const std::string& name, std::vector<std::string> depends_on = {})
    {
        config::Check check;
        check.name = name;
        check.kind = "card";
        check.depends_on = std::move(depends_on);
        return check;
    }

    /// Of a thing that is asked on a thread, and hangs while it is among `hung_`.
    static config::Check asked(const std::string& name, const std::string& severity = "info",
                               milliseconds timeout = seconds{10})
    {
        config::Check check;
        check.name = name;
        check.kind = "sqlite";
        check.severity = severity;
        check.timeout = timeout;
        check.interval = milliseconds{20};
        return check;
    }

    Ports ports(bool resumes)
    {
        return {loop_,
                [this](const config::Check& check) {
                    looked_at_ms_.push_back(sidecar::read_clocks().steady_ms);
                    return found(check);
                },
                [this](const config::Check& check) {
                    std::unique_lock lock{mutex_};
                    ++runs_[check.name];
                    changed_.wait(lock, [&] { return !hung_.contains(check.name); });
                    return found(check);
                },
                [this](const health::TableSpec& now) { told_.push_back(now.state); },
                [](const health::TableSpec&) {},
                [] { return std::vector<CheckReport>{}; },
                [](const CheckReport&) {},
                resumes,
                milliseconds{300},
                milliseconds{300}};
    }

    Measurement found(const config::Check& check) const
    {
        return down_.contains(check.name) ? down("it is broken") : Measurement{};
    }

    void hang(std::set<std::string> names)
    {
        const std::lock_guard lock{mutex_};
        hung_ = std::move(names);
    }

    void let_go()
    {
        const std::lock_guard lock{mutex_};
        hung_.clear();
        changed_.notify_all();
    }

    int runs(const std::string& name)
    {
        const std::lock_guard lock{mutex_};
        return runs_[name];
    }

    static std::map<std::string, config::Check> by_name(std::vector<config::Check> checks)
    {
        std::map<std::string, config::Check> map;
        for (auto& check : checks) {
            map[check.name] = std::move(check);
        }
        return map;
    }

    /// The loop runs until it holds. False: it does not for a long time.
    bool until(const std::function<bool()>& holds)
    {
        const auto end = std::chrono::steady_clock::now() + seconds{20};
        sidecar::Timer timer{loop_};
        bool held = false;
        const std::function<void()> look = [&] {
            held = holds();
            if (held || std::chrono::steady_clock::now() > end) {
                return loop_.stop();
            }
            timer.start(milliseconds{5}, look);
        };
        look();
        (void)loop_.run();
        return held;
    }

    static CheckReport of(const Agent& agent, const std::string& name)
    {
        const auto checks = agent.report().checks;
        const auto found = std::find_if(checks.begin(), checks.end(), [&](const auto& report) {
            return report.check.name == name;
        });
        return found == checks.end() ? CheckReport{} : *found;
    }

    sidecar::Loop loop_;
    std::set<std::string> down_;  ///< checks that find their thing down; set while none runs
    std::vector<State> told_;
    std::vector<std::int64_t> looked_at_ms_;  ///< steady

    /// From each look of the loop to the next.
    std::vector<std::int64_t> gaps_ms() const
    {
        std::vector<std::int64_t> gaps;
        for (std::size_t i = 1; i < looked_at_ms_.size(); ++i) {
            gaps.push_back(looked_at_ms_[i] - looked_at_ms_[i - 1]);
        }
        return gaps;
    }

    std::mutex mutex_;  // of what follows
    std::condition_variable changed_;
    std::set<std::string> hung_;
    std::map<std::string, int> runs_;
    std::unique_ptr<Agent> agent_;
};

/// As many ways from the last check to the first as there are numbers of 40 bits.
TEST_F(ChecksAgent, DependenciesInManyLayersAreLookedAtOnceEach)
{
    constexpr int layers = 40;
    std::vector<config::Check> checks{held("a0"), held("b0")};
    for (int i = 1; i < layers; ++i) {
        const auto below = std::to_string(i - 1);
        checks.push_back(held("a" + std::to_string(i), {"a" + below, "b" + below}));
        checks.push_back(held("b" + std::to_string(i), {"a" + below, "b" + below}));
    }
    auto& agent = start();
    agent.configure(by_name(checks), {}, "1");
    EXPECT_TRUE(until([&] { return of(agent, "b39").state == State::up; }));
    down_ = {"b0"};
    ASSERT_TRUE(agent.run_now("b0", [] {}));
    EXPECT_TRUE(until([&] { return of(agent, "b39").waits_for == "a38"; }));
    EXPECT_EQ(of(agent, "a1").waits_for, "b0");
    EXPECT_TRUE(of(agent, "a0").waits_for.empty());
}

TEST_F(ChecksAgent, ARunThatDoesNotEndIsDownAndHoldsNobodyUp)
{
    auto& agent = start();
    std::vector<config::Check> checks{asked("well", "critical")};
    for (const auto* name : {"a", "b", "c", "d", "e", "f"}) {
        checks.push_back(asked(name, "critical", milliseconds{10}));
    }
    hang({"a", "b", "c", "d", "e", "f"});
    agent.configure(by_name(checks), {}, "1");
    ASSERT_TRUE(until([&] { return of(agent, "f").state == State::down; }));
    EXPECT_EQ(of(agent, "a").message(), "its run did not end in time and still hangs");
    EXPECT_TRUE(of(agent, "a").last.timed_out);
    const int before = runs("well");
    EXPECT_TRUE(until([&] { return runs("well") > before + 3; })) << "others go on";
    EXPECT_EQ(runs("a"), 1) << "no run beside one that hangs";
    let_go();
    EXPECT_TRUE(until([&] { return agent.report().state == State::up; })) << "it has come back";
}

TEST_F(ChecksAgent, AForgottenCheckMayHang)
{
    auto& agent = start();
    hang({"a"});
    agent.configure(by_name({asked("a", "info", milliseconds{10})}), {}, "1");
    ASSERT_TRUE(until([&] { return runs("a") == 1; }));
    agent.configure(by_name({asked("b")}), {}, "1");
    ASSERT_TRUE(until([&] { return runs("b") > 20; })) << "and is given up";
    let_go();
    EXPECT_TRUE(agent.stop(seconds{10}));
}

TEST_F(ChecksAgent, ChecksThatHangLeaveAPlaceToCriticalOnes)
{
    auto& agent = start();
    std::vector<config::Check> checks{asked("critical", "critical"), asked("other")};
    std::set<std::string> names;
    for (int i = 0; i < 20; ++i) {
        const auto name = "hangs" + std::to_string(i);
        checks.push_back(asked(name));
        names.insert(name);
    }
    hang(names);
    agent.configure(by_name(checks), {}, "1");
    EXPECT_TRUE(until([&] { return runs("critical") > 5; }));
    int under_way = 0;
    for (const auto& name : names) {
        under_way += runs(name);
    }
    EXPECT_EQ(under_way, 3) << "of four places";
    let_go();
    EXPECT_TRUE(until([&] { return of(agent, "other").state == State::up; }));
}

TEST_F(ChecksAgent, WhatIsNotRunForTooLongIsUnknown)
{
    auto& agent = start();
    config::Health one;
    one.workers = 1;
    const auto checks = by_name({asked("critical", "critical", milliseconds{1}), asked("holds")});
    agent.configure(checks, one, "1");
    ASSERT_TRUE(until([&] { return agent.report().state == State::up && runs("holds") > 0; }));
    hang({"holds"});
    told_ = {State::up};
    ASSERT_TRUE(until([&] { return told_.back() == State::down; }));
    EXPECT_EQ(of(agent, "critical").state, State::unknown);
    EXPECT_NE(agent.report().message.find("has not run for too long"), std::string::npos);
    let_go();
    EXPECT_TRUE(until([&] { return told_.back() == State::up; }));
}

TEST_F(ChecksAgent, MorePlacesAreTakenUpWithAReload)
{
    auto& agent = start();
    config::Health health;
    health.workers = 1;
    const auto checks = by_name({asked("a"), asked("b"), asked("c")});
    hang({"a", "b", "c"});
    agent.configure(checks, health, "1");
    ASSERT_TRUE(until([&] { return runs("a") == 1; }));
    EXPECT_EQ(runs("b"), 0);
    health.workers = 4;
    agent.configure(checks, health, "1");
    EXPECT_TRUE(until([&] { return runs("b") == 1 && runs("c") == 1; }));
}

TEST_F(ChecksAgent, AReloadKeepsTheStateOfWhatIsLookedAtByOtherLimits)
{
    auto& agent = start();
    auto check = asked("a", "critical");
    agent.configure(by_name({check}), {}, "1");
    ASSERT_TRUE(until([&] { return told_.back() == State::up; }));
    const auto since = of(agent, "a").since_ms;
    told_.clear();
    check.fails = 5;
    check.interval = std::chrono::hours{1};
    const int before = runs("a");
    agent.configure(by_name({check}), {}, "1");
    EXPECT_EQ(of(agent, "a").state, State::up);
    EXPECT_TRUE(until([&] { return runs("a") > before; })) << "it runs at once";
    EXPECT_EQ(of(agent, "a").since_ms, since);
    EXPECT_EQ(std::set<State>(told_.begin(), told_.end()), std::set<State>{State::up});
}

TEST_F(ChecksAgent, ANewCheckDoesNotCountUntilItsFirstRunMustBeIn)
{
    auto& agent = start();
    agent.configure(by_name({held("a")}), {}, "1");
    ASSERT_TRUE(until([&] { return of(agent, "a").state == State::up; }));
    told_.clear();
    hang({"new"});
    agent.configure(by_name({held("a"), asked("new", "critical", milliseconds{100})}), {}, "1");
    ASSERT_EQ(told_, std::vector{State::up});
    EXPECT_EQ(of(agent, "new").state, State::unknown);
    EXPECT_TRUE(until([&] { return told_.back() == State::down; })) << "then it counts";
}

TEST_F(ChecksAgent, AColdStartIsNotReady)
{
    auto& agent = start();
    agent.configure(by_name({asked("a", "critical"), asked("b", "critical")}), {}, "1");
    EXPECT_EQ(told_, std::vector{State::down});
    EXPECT_TRUE(until([&] { return told_.back() == State::up; }));
}

TEST_F(ChecksAgent, AfterARestartAllIsDegradedUntilCriticalChecksHaveRun)
{
    auto& agent = start(true);
    hang({"a"});
    agent.configure(by_name({asked("a", "critical"), asked("b", "critical"), held("c")}), {}, "1");
    ASSERT_TRUE(until([&] { return of(agent, "b").state == State::up; }));
    EXPECT_EQ(agent.report().message, "a: not run yet");
    let_go();
    ASSERT_TRUE(until([&] { return told_.back() == State::up; }));
    EXPECT_EQ(std::set<State>(told_.begin(), told_.end()), (std::set{State::up, State::degraded}));
}

TEST_F(ChecksAgent, AfterARestartWhatIsDownIsToldAtOnce)
{
    auto& agent = start(true);
    hang({"a"});
    down_ = {"b"};
    auto b = held("b");
    b.severity = "critical";
    agent.configure(by_name({asked("a", "critical"), b}), {}, "1");
    EXPECT_TRUE(until([&] { return told_.back() == State::down; }));
    EXPECT_EQ(of(agent, "a").state, State::unknown);
}

TEST_F(ChecksAgent, ACheckRunsAtOnceWhenWhatItWaitedForIsBack)
{
    auto& agent = start();
    auto app = asked("app", "critical", milliseconds{100});
    app.depends_on = {"dependency"};
    app.interval = std::chrono::hours{1};
    auto dependency = held("dependency");
    dependency.severity = "info";
    agent.configure(by_name({app, dependency}), {}, "1");
    ASSERT_TRUE(until([&] { return told_.back() == State::up; }));
    down_ = {"dependency"};
    agent.run_now("dependency", [] {});
    ASSERT_TRUE(until([&] { return of(agent, "app").waits_for == "dependency"; }));
    hang({"app"});
    down_ = {};
    agent.run_now("dependency", [] {});
    ASSERT_TRUE(until([&] { return runs("app") == 2; }));
    EXPECT_EQ(of(agent, "app").state, State::unknown) << "what it was before is of no account";
    EXPECT_EQ(agent.report().state, State::up) << "nor is that nothing is known, for a moment";
    EXPECT_TRUE(until([&] { return agent.report().state == State::down; })) << "and no longer";
}

/// A timer may be late and is never early: what comes early was meant to.
TEST_F(ChecksAgent, IntervalsVaryByATenth)
{
    auto& agent = start();
    auto check = held("a");
    check.interval = milliseconds{100};
    agent.configure(by_name({check}), {}, "1");
    const auto is_early = [](std::int64_t gap) { return gap < 97; };
    EXPECT_TRUE(until([&] {
        const auto gaps = gaps_ms();
        return gaps.size() >= 10 && std::any_of(gaps.begin(), gaps.end(), is_early);
    }));
    EXPECT_THAT(gaps_ms(), testing::Each(testing::Ge(89))) << "by no more than a tenth";
}

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
