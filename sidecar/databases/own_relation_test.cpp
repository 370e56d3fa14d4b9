#include "sidecar/databases/own_relation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::databases {
namespace {

config::Source runs(const std::string& table, const std::string& query = "")
{
    config::Source source;
    source.name = "runs";
    source.database.table = table;
    source.database.query = query;
    return source;
}

TEST(OwnRelation, IsDefinedBeforeSqlThatUsesIt)
{
    EXPECT_EQ(with_own_relation("select * from runs", runs("simulations")),
              "WITH \"runs\" AS (SELECT * FROM \"simulations\"\n) select * from runs");
    EXPECT_EQ(with_own_relation("select * from Runs r", runs("", "select 1 as a; -- one")),
              "WITH \"runs\" AS (select 1 as a\n) select * from Runs r");
    EXPECT_EQ(
        with_own_relation("select * from \"runs\"", runs("public.simulations")),
        "WITH \"runs\" AS (SELECT * FROM \"public\".\"simulations\"\n) select * from \"runs\"");
}

TEST(OwnRelation, JoinsAWithThatIsThere)
{
    EXPECT_EQ(with_own_relation("with a as (select 1) select * from a, runs", runs("t")),
              "WITH \"runs\" AS (SELECT * FROM \"t\"\n),  a as (select 1) select * from a, runs");
    EXPECT_EQ(
        with_own_relation("/* x */ WITH RECURSIVE a as (select 1) select * from runs", runs("t")),
        "WITH RECURSIVE \"runs\" AS (SELECT * FROM \"t\"\n),  a as (select 1) select * from "
        "runs");
}

TEST(OwnRelation, LeavesOtherSqlAlone)
{
    EXPECT_EQ(with_own_relation("select 'runs', x.runs from t x", runs("t")),
              "select 'runs', x.runs from t x");
    EXPECT_EQ(with_own_relation("select * from runs", runs("")), "select * from runs");
    EXPECT_EQ(with_own_relation("", runs("t")), "");
}

TEST(OwnRelation, TablesThatSqlNames)
{
    using ::testing::ElementsAre;
    EXPECT_THAT(
        tables_named("select runs.T.a from RUNS.t join runs . \"U v\" on x.runs.w", runs("")),
        ElementsAre("U v", "t"));
    EXPECT_THAT(tables_named("select * from runs", runs("simulations")), ElementsAre(""));
    EXPECT_THAT(tables_named("select * from runs", runs("")), ElementsAre());
}

TEST(OwnRelation, TheSourcesNameMayStandBeforeATable)
{
    EXPECT_EQ(without_source_name("select runs.t.a, 'runs.t' from Runs . \"T\" -- runs.t", "runs"),
              "select t.a, 'runs.t' from  \"T\" -- runs.t");
    EXPECT_EQ(without_source_name("select x.runs.a, runs.* from x", "runs"),
              "select x.runs.a, runs.* from x");
    EXPECT_EQ(without_source_name("runs.", "runs"), "runs.");
}

}  // namespace
}  // namespace gatehouse::databases
