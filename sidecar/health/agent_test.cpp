#include "sidecar/health/agent_test.h"

namespace gatehouse::checks {
namespace {

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

TEST_F(ChecksAgent, AMessageIsTextWhateverItIsMadeOf)
{
    auto& agent = start();
    reason_ = std::string{"H\xFClle\0", 6};
    down_ = {"a"};
    agent.configure(by_name({held("a")}), {}, "1");
    ASSERT_TRUE(until([&] { return of(agent, "a").state == State::down; }));
    EXPECT_EQ(of(agent, "a").message(), "H\xEF\xBF\xBDlle\xEF\xBF\xBD");
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
    EXPECT_EQ(state_for_alerts(of(agent, "critical")), State::down) << "alerts count it, too";
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

}  // namespace
}  // namespace gatehouse::checks
