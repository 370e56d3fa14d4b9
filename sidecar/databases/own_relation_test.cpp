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
    const auto named = [](const std::string& sql, const std::string& own = "") {
        return *tables_named(sql, runs(own));
    };
    EXPECT_THAT(named("select runs.T.a from RUNS.t join runs . \"U v\" on x.runs.w"),
                ElementsAre("U v", "t"));
    EXPECT_THAT(named("select runs.id from runs.runs where runs.at > 0"), ElementsAre("runs"));
    EXPECT_THAT(named("select * from runs", "simulations"), ElementsAre(""));
    EXPECT_THAT(named("select * from runs"), ElementsAre());
}

TEST(OwnRelation, OfATableThatIsLoadedTheSchemaCannotBeNamed)
{
    const auto named = tables_named("select * from runs.public.t", runs(""));
    ASSERT_FALSE(named);
    EXPECT_THAT(named.error().message, ::testing::HasSubstr("\"table\""));
}

TEST(OwnRelation, TheSourcesNameMayStandBeforeATable)
{
    EXPECT_EQ(without_source_name("select runs.t.a, 'runs.t' from Runs . \"T\" -- runs.t", "runs"),
              "select t.a, 'runs.t' from  \"T\" -- runs.t");
    EXPECT_EQ(without_source_name("select x.runs.a, runs.* from x", "runs"),
              "select x.runs.a, runs.* from x");
    EXPECT_EQ(without_source_name("runs.", "runs"), "runs.");
    EXPECT_EQ(without_source_name("select * from runs.public.t", "runs"), "select * from public.t");
}

/// In each, $ marks what is left out, and columns of a table that is called runs, too, stay.
TEST(OwnRelation, ATableMayBeCalledAsItsSource)
{
    for (const std::string marked : {
             "select runs.id, runs.a + 1 from $runs.runs join $runs.b on runs.id = b.id",
             "select $runs.runs.id from $runs.runs where runs.id in (select runs.c from $runs.c)",
             "select 1 from $runs.a x, $runs.b y where f(runs.a, runs.b) group by runs.a, runs.b",
             "select 1 from ($runs.a cross join $runs.b), lateral (select runs.x from $runs.c) z",
             "select 1 from f(1, runs.a), only $runs.b order by runs.a, runs.b",
             "select extract(year from runs.at), trim(both from runs.name) from $runs.runs",
             "select a is distinct from runs.b, a is not distinct from runs.c from $runs.runs",
             "select array[1, runs.a] from $runs.runs union select runs.a, runs.b from $runs.b",
             "with x as (select runs.a from $runs.runs) table $runs.y",
             "select x.from, runs.a, (x.join, runs.b) from x left join $runs.c using (a), $runs.d",
             "select 1 from (values (1, runs.a), (runs.b, 2)) v, $runs.b limit 1",
         }) {
        std::string sql, expected;
        for (std::size_t i = 0; i < marked.size(); ++i) {
            if (marked[i] == '$') {
                sql += "runs.";
                i += 5;
            } else {
                sql += marked[i];
                expected += marked[i];
            }
        }
        EXPECT_EQ(without_source_name(sql, "runs"), expected);
    }
}

}  // namespace
}  // namespace gatehouse::databases
