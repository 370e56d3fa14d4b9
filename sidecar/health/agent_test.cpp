#include "sidecar/health/agent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace gatehouse::checks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ChecksAgent : public testing::Test {
protected:
    static config::Check held(const std::string& name, std::vector<std::string> depends_on = {})
    {
        config::Check check;
        check.name = name;
        check.kind = "card";
        check.depends_on = std::move(depends_on);
        return check;
    }

    Ports ports()
    {
        return {loop_,
                [this](const config::Check& check) {
                    return down_.contains(check.name) ? down("it is broken") : Measurement{};
                },
                [](const config::Check&) { return Measurement{}; },
                [this](const health::TableSpec& now) { told_.push_back(now.state); },
                [](const health::TableSpec&) {},
                [] { return std::vector<CheckReport>{}; },
                [](const CheckReport&) {}};
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
    std::set<std::string> down_;  ///< checks that find their thing down
    std::vector<State> told_;
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
    Agent agent{ports(), 1};
    agent.configure(by_name(checks), {}, "1");
    EXPECT_TRUE(until([&] { return of(agent, "b39").state == State::up; }));
    down_ = {"b0"};
    ASSERT_TRUE(agent.run_now("b0", [] {}));
    EXPECT_TRUE(until([&] { return of(agent, "b39").waits_for == "a38"; }));
    EXPECT_EQ(of(agent, "a1").waits_for, "b0");
    EXPECT_TRUE(of(agent, "a0").waits_for.empty());
}

}  // namespace
}  // namespace gatehouse::checks
