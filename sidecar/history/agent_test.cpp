// The agent, with a state's database that is away at first.
#include "sidecar/history/agent.h"

#include <atomic>

#include "sidecar/base/clock.h"
#include "sidecar/base/test_loop.h"
#include "sidecar/base/test_state_database.h"

namespace gatehouse::history {
namespace {

using health::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

class HistoryAgent : public sidecar::StateDatabaseTest {
protected:
    Opened connect_unless_away() const { return away_ ? Opened{Error{"it is away"}} : connect(); }

    Number kept_results()
    {
        const auto rows = (*connect())->run("select count(*) from health_metrics");
        return rows ? sidecar::value_of<Number>(rows->front().front()) : -1;
    }

    bool until(const std::function<bool()>& holds)
    {
        return sidecar::run_until(loop_, holds, seconds{60}, milliseconds{50});
    }

    sidecar::Loop loop_;
    std::atomic<bool> away_ = true;
};

/// With one transaction each ten seconds they would take more than a minute.
TEST_P(HistoryAgent, WhatCameWhileTheDatabaseWasAwayIsWrittenBatchByBatch)
{
    int looked = 0;
    Agent agent{{loop_, [] { return std::vector<Region>{}; },
                 [this] { return connect_unless_away(); }, [&] { ++looked; }},
                std::make_shared<Book>(Connect{})};
    agent.start();
    constexpr Number results = 8 * ResultLog::batch_of_each + 1;
    const Number now_ms = sidecar::unix_ms();  // what is old would be cleaned away
    for (Number i = 0; i < results; ++i) {
        const auto state = i % 2 == 0 ? State::up : State::down;
        agent.take({"disk", state, now_ms - results + i, std::nullopt, 1, ""});
    }
    ASSERT_TRUE(until([&] { return looked > 1; }));
    EXPECT_EQ(kept_results(), 0);
    away_ = false;
    EXPECT_TRUE(until([&] { return kept_results() == results; }));
    EXPECT_TRUE(agent.stop(seconds{10}));
}

INSTANTIATE_TEST_SUITE_P(, HistoryAgent, sidecar::both_databases, sidecar::database_name);

}  // namespace
}  // namespace gatehouse::history
