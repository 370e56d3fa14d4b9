// Which results are kept, and their sums.
#include "sidecar/history/results.h"

#include <gtest/gtest.h>

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
    EXPECT_EQ(steps.at({"disk", {60, start_s}}), (CheckStep{2, 0, 1, 4500, 15, 3, 1, 10}));
    EXPECT_EQ(steps.at({"disk", {60, start_s + 60}}), (CheckStep{1, 1, 0, 3000, 7, 1, 7, 7}));
    EXPECT_EQ(steps.at({"disk", {3600, start_s}}), (CheckStep{3, 1, 1, 7500, 22, 4, 1, 10}));
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
    auto taken = std::exchange(log.unwritten(), {});
    EXPECT_TRUE(log.unwritten().empty());
    (void)log.take(result(State::down, 1000));
    log.put_back(std::move(taken));
    ASSERT_EQ(log.unwritten().results.size(), 2u);
    EXPECT_EQ(log.unwritten().results.front().at_ms, start_ms);
    EXPECT_EQ(log.unwritten().steps.at({"disk", {60, start_ms / 1000}}),
              (CheckStep{1, 0, 1, 3000, 0, 0, std::nullopt, std::nullopt}));
}

}  // namespace
}  // namespace gatehouse::history
