// is_timeless of sidecar/engine, beside what DuckDB says of its functions.
#include "sidecar/engine/timeless.h"

#include <gtest/gtest.h>

#include <sstream>

#include "sidecar/app/compute_card.h"

namespace gatehouse::app {
namespace {

TEST(Timeless, WhatNamesTimeOrChanceIsNot)
{
    EXPECT_TRUE(
        engine::is_timeless("select a, sum(b) from s where at > '2024-01-01' group by a -- now()"));
    EXPECT_TRUE(engine::is_timeless("select 'now()' as text, $today from s"));
    EXPECT_FALSE(engine::is_timeless("select NOW() from s"));
    EXPECT_FALSE(engine::is_timeless("select * from s where at > current_date - 7"));
    EXPECT_FALSE(engine::is_timeless("select \"random\"() from s"));
    EXPECT_FALSE(engine::is_timeless("select \"NOW\"() from s"));
    EXPECT_FALSE(engine::is_timeless("select * from s using sample 10%"));
    EXPECT_FALSE(engine::is_timeless("select age(born) from s"));
    EXPECT_FALSE(engine::is_timeless("select * from duckdb_settings()"));
}

// DuckDB says of its functions whether they are.
TEST(Timeless, KnowsEveryFunctionThatDuckDbCallsInconsistent)
{
    config::Config config;
    config.engine.memory_limit = 256u << 20;
    config::Card card;
    card.name = "functions";
    card.formats = {"ndjson"};
    card.compress = false;
    card.sql =
        "select distinct function_name as name from duckdb_functions() "
        "where stability <> 'CONSISTENT' order by name";
    const auto executors = open_executors(config);
    ASSERT_TRUE(executors);
    const auto computed = compute_card(*executors, config, card, {}).result;
    ASSERT_TRUE(computed) << computed.error().message;
    ASSERT_GT(computed->rows, 20u);
    std::istringstream lines{computed->representations.at(0).body};
    for (std::string line; std::getline(lines, line);) {
        const auto name = line.substr(9, line.size() - 11);  // {"name":"now"}
        EXPECT_FALSE(engine::is_timeless("select " + name + "()")) << name;
    }
}

}  // namespace
}  // namespace gatehouse::app
