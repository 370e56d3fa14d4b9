// Arguments as parameters of SQL, shown by DuckDB's own text of each.
#include "sidecar/base/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sidecar/engine/engine.h"

namespace gatehouse::engine {
namespace {

using sidecar::Argument;
using sidecar::Arguments;
using sidecar::ParameterType;
using sidecar::Table;

class ArgumentsTest : public ::testing::Test {
protected:
    ArgumentsTest()
    {
        config::Engine limits;
        limits.memory_limit = 256u << 20;
        engine_ = std::move(*Engine::open(limits));
    }

    /// The first cell of a text column, or the error.
    std::string text(const std::string& sql, const Arguments& arguments)
    {
        config::Card card;
        card.sql = sql;
        const Result<Table> table = engine_->compute(card, arguments, {}, {});
        if (!table) {
            return "error: " + table.error().message;
        }
        return table->vector(0).valid(0)
                   ? std::string(table->vector(0).cell<sidecar::Text>(0).view())
                   : "NULL";
    }

    std::string shown(Argument argument)
    {
        argument.name = "x";
        return text("SELECT typeof(v) || ' ' || v::VARCHAR FROM (SELECT $x AS v)", {argument});
    }

    std::unique_ptr<Engine> engine_;
};

TEST_F(ArgumentsTest, HaveTheirTypes)
{
    EXPECT_EQ(shown({"", ParameterType::integer, std::int64_t{-5}}), "BIGINT -5");
    EXPECT_EQ(shown({"", ParameterType::number, 0.5}), "DOUBLE 0.5");
    EXPECT_EQ(shown({"", ParameterType::string, "a"}), "VARCHAR a");
    EXPECT_EQ(shown({"", ParameterType::enumeration, "a"}), "VARCHAR a");
    EXPECT_EQ(shown({"", ParameterType::boolean, true}), "BOOLEAN true");
    EXPECT_EQ(shown({"", ParameterType::date, "2024-02-29"}), "DATE 2024-02-29");
    EXPECT_EQ(shown({"", ParameterType::datetime, "2024-02-29T23:59:58Z"}),
              "TIMESTAMP 2024-02-29 23:59:58");
    EXPECT_EQ(shown({"", ParameterType::datetime, "1969-12-31T23:59:58.25Z"}),
              "TIMESTAMP 1969-12-31 23:59:58.25");
    EXPECT_EQ(shown({"", ParameterType::datetime, "0001-01-01T00:00:00.000001Z"}),
              "TIMESTAMP 0001-01-01 00:00:00.000001");
}

TEST_F(ArgumentsTest, MayBeNull)
{
    EXPECT_EQ(text("SELECT coalesce($x, 'none')", {{"x", ParameterType::string, {}}}), "none");
    EXPECT_EQ(text("SELECT $x", {{"x", ParameterType::integer, {}}}), "NULL");
}

TEST_F(ArgumentsTest, CompareWithColumns)
{
    const Arguments arguments{{"day", ParameterType::date, "2024-01-02"},
                              {"at", ParameterType::datetime, "2024-01-02T00:00:00Z"},
                              {"n", ParameterType::integer, std::int64_t{3}},
                              {"s", ParameterType::string, "b"}};
    EXPECT_EQ(text("SELECT string_agg(i::VARCHAR, ' ' ORDER BY i) FROM range(10) t(i) WHERE i > $n "
                   "AND DATE '2024-01-01' + i::INTEGER > $day",
                   arguments),
              "4 5 6 7 8 9");
    EXPECT_EQ(text("SELECT (TIMESTAMPTZ '2024-01-02 01:00:00+01' = $at)::VARCHAR", arguments),
              "true");
    EXPECT_EQ(text("SELECT (TIMESTAMP '2024-01-02' = $at)::VARCHAR", arguments), "true");
    EXPECT_EQ(text("SELECT max(v) FROM (VALUES ('a'), ('b'), ('c')) t(v) WHERE v <= $s", arguments),
              "b");
}

TEST_F(ArgumentsTest, AreNeverSql)
{
    const std::string injection = "'; DROP TABLE t; -- \" $y";
    EXPECT_EQ(text("SELECT $x", {{"x", ParameterType::string, injection}}), injection);
    EXPECT_EQ(text("SELECT count(*)::VARCHAR FROM (VALUES ('a')) t(v) WHERE v = $x",
                   {{"x", ParameterType::string, "a' OR '1'='1"}}),
              "0");
}

TEST_F(ArgumentsTest, OneThatIsMissingIsNamed)
{
    EXPECT_EQ(text("SELECT $x + $other", {{"x", ParameterType::integer, std::int64_t{1}}}),
              "error: the SQL has $other, but the card has no such parameter; declare it in the "
              "card's \"params\"");
    EXPECT_EQ(text("SELECT ?", {}),
              "error: the SQL has a parameter without a name; write $ and a name from the card's "
              "\"params\"");
    EXPECT_EQ(text("SELECT $1", {}), text("SELECT ?", {}));
}

TEST_F(ArgumentsTest, ThoseNotInTheSqlAreLeftOut)
{
    EXPECT_EQ(text("SELECT 'a'", {{"x", ParameterType::integer, std::int64_t{1}}}), "a");
}

TEST_F(ArgumentsTest, OnesThatAreNoDatesAreRefused)
{
    for (const char* bad :
         {"2024-13-01", "2024-1-1", "2024-01-00", "20240101", "", "2024-01-01 "}) {
        EXPECT_EQ(text("SELECT $x", {{"x", ParameterType::date, bad}}),
                  "error: the value of $x does not fit its type")
            << bad;
    }
    for (const char* bad : {"2024-01-01", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00",
                            "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.1234567Z"}) {
        EXPECT_EQ(text("SELECT $x", {{"x", ParameterType::datetime, bad}}),
                  "error: the value of $x does not fit its type")
            << bad;
    }
}

/// INTERVAL is a type that tables do not have: it is cast, and with it the query wrapped.
TEST_F(ArgumentsTest, WorkWhereTheResultIsCast)
{
    const Arguments arguments{{"n", ParameterType::integer, std::int64_t{3}}};
    EXPECT_EQ(text("SELECT INTERVAL 1 DAY * $n AS d; -- three", arguments), "3 days");
    EXPECT_EQ(text("SELECT $n * INTERVAL 1 DAY AS d, $n AS n", arguments), "3 days");
    EXPECT_EQ(text("SELECT INTERVAL 1 DAY AS d -- no newline", {}), "1 day");
}

/// DuckDB 1.4 has such an error; it refuses everything afterwards.
TEST_F(ArgumentsTest, AnInternalErrorOfDuckDbLastsForOneComputation)
{
    const Arguments arguments{{"x", ParameterType::string, "a"}};
    EXPECT_THAT(text("SELECT typeof($x), $x::VARCHAR", arguments),
                ::testing::StartsWith("error: the SQL makes DuckDB fail (Invalid PhysicalType"));
    EXPECT_EQ(text("SELECT $x", arguments), "a");
}

TEST_F(ArgumentsTest, TwoColumnsOfOneNameAreRefused)
{
    EXPECT_EQ(text("SELECT $n AS a, 2 AS a", {{"n", ParameterType::integer, std::int64_t{3}}}),
              "error: the SQL yields two columns called \"a\"; rename one with AS");
}

}  // namespace
}  // namespace gatehouse::engine
