// The agent of checks, with checks that hang and fail as its tests want.
#pragma once

#include "sidecar/health/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "sidecar/base/clock.h"
#include "sidecar/base/test_loop.h"
#include "sidecar/health/entry.h"

namespace gatehouse::checks {

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
        return down_.contains(check.name) ? down(reason_) : Measurement{};
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

    bool until(const std::function<bool()>& holds)
    {
        return sidecar::run_until(loop_, holds, seconds{20}, milliseconds{5});
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
    std::string reason_ = "it is broken";
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

}  // namespace gatehouse::checks
