// Which results are kept, and their sums.
#include "sidecar/history/results.h"

#include <gtest/gtest.h>

#include <iterator>
#include <vector>

namespace gatehouse::history {
namespace {

using health::State;

constexpr std::int64_t start_ms = 1'800'000'000'000;

CheckResult result(State state, std::int64_t after_ms, std::optional<double> value = std::nullopt)
{
    return {"disk", state, start_ms + after_ms, value, 1500, ""};
}

TEST(ResultLog, KeepsChangesAtOnceAndElseOneAMinute)
{
    ResultLog log;
    EXPECT_TRUE(log.take(result(State::up, 0))) << "the first";
    EXPECT_FALSE(log.take(result(State::up, 10'000)));
    EXPECT_TRUE(log.take(result(State::down, 20'000)));
    EXPECT_TRUE(log.take(result(State::degraded, 30'000)));
    EXPECT_FALSE(log.take(result(State::degraded, 89'999)));
    EXPECT_FALSE(log.take(result(State::degraded, 90'000))) << "a minute after the last one kept";
    std::vector<std::int64_t> kept;
    for (const auto& each : log.unwritten().results) {
        kept.push_back(each.at_ms - start_ms);
    }
    EXPECT_EQ(kept, (std::vector<std::int64_t>{0, 20'000, 30'000, 90'000}));
}

TEST(ResultLog, EveryResultCountsInItsMinuteAndItsHour)
{
    ResultLog log;
    for (const auto& [state, after_ms, value] : {std::tuple{State::up, 0, 4.0},
                                                 {State::up, 30'000, 1.0},
                                                 {State::down, 59'999, 10.0},
                                                 {State::degraded, 60'000, 7.0}}) {
        (void)log.take(result(state, after_ms, value));
    }
    (void)log.take(result(State::up, 61'000));
    const auto& steps = log.unwritten().steps;
    ASSERT_EQ(steps.size(), 3u);
    constexpr auto start_s = start_ms / 1000;
    EXPECT_EQ(steps.at({{60, start_s}, "disk"}), (CheckStep{2, 0, 1, 4500, 15, 3, 1, 10}));
    EXPECT_EQ(steps.at({{60, start_s + 60}, "disk"}), (CheckStep{1, 1, 0, 3000, 7, 1, 7, 7}));
    EXPECT_EQ(steps.at({{3600, start_s}, "disk"}), (CheckStep{3, 1, 1, 7500, 22, 4, 1, 10}));
}

TEST(ResultLog, KeepsTextThatEveryDatabaseTakes)
{
    ResultLog log;
    (void)log.take({"disk", State::down, start_ms, std::nullopt, 1, std::string{"a\xff\0z", 4}});
    EXPECT_EQ(log.unwritten().results.front().message, "a\xEF\xBF\xBD\xEF\xBF\xBDz");
    (void)log.take({"disk", State::up, start_ms, std::nullopt, 1, std::string(600, 'x')});
    EXPECT_EQ(log.unwritten().results.back().message, std::string(512, 'x'));
}

TEST(ResultLog, WhatWasNotWrittenIsPutBack)
{
    ResultLog log;
    (void)log.take(result(State::up, 0));
    auto taken = log.take_batch();
    EXPECT_TRUE(log.unwritten().empty());
    (void)log.take(result(State::down, 1000));
    log.put_back(std::move(taken));
    ASSERT_EQ(log.unwritten().results.size(), 2u);
    EXPECT_EQ(log.unwritten().results.front().at_ms, start_ms);
    EXPECT_EQ(log.unwritten().steps.at({{60, start_ms / 1000}, "disk"}),
              (CheckStep{1, 0, 1, 3000, 0, 0, std::nullopt, std::nullopt}));
}

/// A result a minute, of which each turns the check over: as many results as minutes.
void take_minutes(ResultLog& log, std::size_t count)
{
    for (std::size_t minute = 0; minute < count; ++minute) {
        (void)log.take(result(minute % 2 == 0 ? State::up : State::down,
                              static_cast<std::int64_t>(minute) * 60'000));
    }
}

TEST(ResultLog, HoldsSoMuchAndForgetsTheOldest)
{
    ResultLog full;
    take_minutes(full, 120'000);
    EXPECT_EQ(full.unwritten().results.size(), 100'000u);
    EXPECT_EQ(full.unwritten().steps.size(), 100'000u);
    EXPECT_EQ(full.take_lost(), 20'000u + 22'000u) << "results; minutes, as there are 2000 hours";
    EXPECT_EQ(full.take_lost(), 0u) << "each once";
    EXPECT_EQ(full.unwritten().results.front().at_ms, start_ms + 20'000 * 60'000LL);
    constexpr auto start_s = start_ms / 1000;
    EXPECT_EQ(full.unwritten().steps.begin()->first.first, (Step{60, start_s + 22'000 * 60}));
    EXPECT_TRUE(full.unwritten().steps.contains({{3600, start_s}, "disk"})) << "hours stay";
}

TEST(ResultLog, WhatIsPutBackIsBoundedToo)
{
    ResultLog log;
    take_minutes(log, 100);
    auto taken = log.take_batch();
    take_minutes(log, 120'000);
    (void)log.take_lost();
    log.put_back(std::move(taken));
    EXPECT_EQ(log.unwritten().results.size(), 100'000u);
    EXPECT_EQ(log.unwritten().steps.size(), 100'000u);
    EXPECT_EQ(log.take_lost(), 100u + 100u) << "its results and its minutes";
}

TEST(ResultLog, GivesTheOldestOfABoundedNumberAtATime)
{
    ResultLog log;
    take_minutes(log, 5000);
    std::vector<std::size_t> results, steps;
    EXPECT_TRUE(log.has_whole_batch());
    while (!log.unwritten().empty()) {
        const auto batch = log.take_batch();
        EXPECT_EQ(batch.results.front().at_ms, start_ms + 60'000LL * 2000 * std::ssize(results));
        results.push_back(batch.results.size());
        steps.push_back(batch.steps.size());
    }
    EXPECT_FALSE(log.has_whole_batch());
    EXPECT_EQ(results, (std::vector<std::size_t>{2000, 2000, 1000}));
    EXPECT_EQ(steps, (std::vector<std::size_t>{2000, 2000, 1084})) << "5000 minutes, 84 hours";
}

}  // namespace
}  // namespace gatehouse::history
