// Relations held as rows: every type through SQL and back, by DuckDB's own text of each value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <thread>

#include "sidecar/base/table_builder.h"
#include "sidecar/engine/engine.h"

namespace gatehouse::engine {
namespace {

using sidecar::Relation;
using sidecar::Table;
using sidecar::TypeId;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HeldRowsTest : public ::testing::Test {
protected:
    HeldRowsTest()
    {
        config::Engine limits;
        limits.memory_limit = 256u << 20;
        engine_ = std::move(*Engine::open(limits));
    }

    Result<Table> compute(const std::string& sql, std::span<const Relation> relations = {})
    {
        config::Card card;
        card.sql = sql;
        return engine_->compute(card, {}, relations, {});
    }

    /// The rows of a query, held as "t".
    Relation held(const std::string& sql, const std::string& name = "t")
    {
        Result<Table> table = compute(sql);
        EXPECT_TRUE(table) << table.error().message;
        return {.name = name, .rows = {std::move(*table)}};
    }

    std::vector<std::string> texts(const std::string& sql, std::span<const Relation> relations)
    {
        const Result<Table> table = compute(sql, relations);
        if (!table) {
            return {"error: " + table.error().message};
        }
        std::vector<std::string> found;
        for (std::uint64_t i = 0; i < table->rows(); ++i) {
            const std::uint64_t row = table->position(i);
            const sidecar::Vector& cells = table->vector(0);
            found.emplace_back(cells.valid(row) ? cells.cell<sidecar::Text>(row).view() : "NULL");
        }
        return found;
    }

    std::vector<std::string> texts(const std::string& sql, const Relation& relation)
    {
        return texts(sql, {&relation, 1});
    }

    /// Both what DuckDB shows of a value it made itself, and of the same after it was held.
    void expect_kept(const std::string& expression, const std::string& shown)
    {
        const Relation t = held("SELECT " + expression + " AS v UNION ALL SELECT NULL");
        EXPECT_THAT(texts("SELECT v::VARCHAR FROM t", t), ElementsAre(shown, "NULL")) << expression;
        const std::string type = "SELECT typeof(v) FROM t LIMIT 1";
        const Result<Table> own = compute("SELECT typeof(" + expression + ")");
        ASSERT_TRUE(own);
        EXPECT_THAT(texts(type, t),
                    ElementsAre(std::string(own->vector(0).cell<sidecar::Text>(0).view())))
            << expression;
    }

    std::unique_ptr<Engine> engine_;
};

TEST_F(HeldRowsTest, KeepsNumbers)
{
    expect_kept("true", "true");
    expect_kept("(-128)::TINYINT", "-128");
    expect_kept("(-32768)::SMALLINT", "-32768");
    expect_kept("(-2147483648)::INTEGER", "-2147483648");
    expect_kept("(-9223372036854775808)::BIGINT", "-9223372036854775808");
    expect_kept("255::UTINYINT", "255");
    expect_kept("65535::USMALLINT", "65535");
    expect_kept("4294967295::UINTEGER", "4294967295");
    expect_kept("18446744073709551615::UBIGINT", "18446744073709551615");
    expect_kept("(-170141183460469231731687303715884105728)::HUGEINT",
                "-170141183460469231731687303715884105728");
    expect_kept("340282366920938463463374607431768211455::UHUGEINT",
                "340282366920938463463374607431768211455");
    expect_kept("1.5::FLOAT", "1.5");
    expect_kept("'-inf'::DOUBLE", "-inf");
    expect_kept("0.1::DOUBLE", "0.1");
}

TEST_F(HeldRowsTest, KeepsDecimalsOfEveryStorage)
{
    expect_kept("(-12.34)::DECIMAL(4, 2)", "-12.34");
    expect_kept("1234567.89::DECIMAL(9, 2)", "1234567.89");
    expect_kept("1234567890123.45678::DECIMAL(18, 5)", "1234567890123.45678");
    expect_kept("1234567890123456789012345678.0000000009::DECIMAL(38, 10)",
                "1234567890123456789012345678.0000000009");
}

TEST_F(HeldRowsTest, KeepsTexts)
{
    expect_kept("''", "");
    expect_kept("'twelve bytes'", "twelve bytes");
    expect_kept("'thirteen byte'", "thirteen byte");
    expect_kept("repeat('ä', 5000)", [] {
        std::string text;
        for (int i = 0; i < 5000; ++i) {
            text += "ä";
        }
        return text;
    }());
    expect_kept("'\\x00\\xFFabc'::BLOB", "\\x00\\xFFabc");
    expect_kept("'12345678-9abc-def0-1234-56789abcdef0'::UUID",
                "12345678-9abc-def0-1234-56789abcdef0");
    expect_kept("'sad'::ENUM('ok', 'sad')", "sad");
}

TEST_F(HeldRowsTest, KeepsTimes)
{
    expect_kept("DATE '1969-12-31'", "1969-12-31");
    expect_kept("TIME '23:59:59.999999'", "23:59:59.999999");
    expect_kept("'2026-01-02 03:04:05'::TIMESTAMP_S", "2026-01-02 03:04:05");
    expect_kept("'2026-01-02 03:04:05.678'::TIMESTAMP_MS", "2026-01-02 03:04:05.678");
    expect_kept("'1900-01-02 03:04:05.678901'::TIMESTAMP", "1900-01-02 03:04:05.678901");
    expect_kept("'2026-01-02 03:04:05.678901234'::TIMESTAMP_NS", "2026-01-02 03:04:05.678901234");
    expect_kept("'2026-01-02 03:04:05+02'::TIMESTAMPTZ", "2026-01-02 01:04:05+00");
}

TEST_F(HeldRowsTest, KeepsNestedTypes)
{
    expect_kept("[1, NULL, 3]", "[1, NULL, 3]");
    expect_kept("[]::VARCHAR[]", "[]");
    expect_kept("[['a', 'a text that is long'], NULL, []]", "[[a, a text that is long], NULL, []]");
    expect_kept("[1.5, 2.5, NULL]::DOUBLE[3]", "[1.5, 2.5, NULL]");
    expect_kept("{'a': 1, 'b': NULL::VARCHAR, 'c': [true]}", "{'a': 1, 'b': NULL, 'c': [true]}");
    expect_kept("MAP {'k': 1, 'l': NULL}", "{k=1, l=NULL}");
    expect_kept("[{'a': [1, 2]}, {'a': NULL}, NULL]", "[{'a': [1, 2]}, {'a': NULL}, NULL]");
}

TEST_F(HeldRowsTest, FieldsOfANullStructureAreNull)
{
    const Relation t =
        held("SELECT CASE WHEN i = 1 THEN {'a': i} END AS v FROM range(2) r(i) ORDER BY i");
    EXPECT_THAT(texts("SELECT v.a::VARCHAR FROM t", t), ElementsAre("NULL", "1"));
}

TEST_F(HeldRowsTest, AColumnOfNullsOnly)
{
    const Relation t = held("SELECT NULL AS v UNION ALL SELECT NULL");
    EXPECT_THAT(texts("SELECT v::VARCHAR FROM t", t), ElementsAre("NULL", "NULL"));
}

constexpr const char* many_rows =
    "SELECT i, CASE WHEN i % 3 <> 0 THEN 'text number ' || i END AS s, [i, i + 1] AS l, "
    "{'x': i, 'y': ['text number ' || i]} AS o FROM range(100000) t(i)";

TEST_F(HeldRowsTest, ManyChunksOfRows)
{
    const Relation t = held(many_rows);
    EXPECT_THAT(texts("SELECT count(*)::VARCHAR FROM t", t), ElementsAre("100000"));
    // sum of 0 to 99,999; of i and i + 1; a third of the texts are NULL.
    EXPECT_THAT(texts("SELECT sum(i) || ' ' || sum(list_sum(l)) || ' ' || count(s) FROM t", t),
                ElementsAre("4999950000 10000000000 66666"));
    EXPECT_THAT(texts("SELECT count(*)::VARCHAR FROM t WHERE o.y[1] = 'text number ' || o.x AND "
                      "(s IS NULL OR s = 'text number ' || i)",
                      t),
                ElementsAre("100000"));
    EXPECT_THAT(texts("SELECT s FROM t WHERE i IN (2047, 2048, 2049, 99998)", t),
                ElementsAre("text number 2047", "text number 2048", "NULL", "text number 99998"));
}

TEST_F(HeldRowsTest, RowsComeInTheirOrder)
{
    const Relation t = held(many_rows);
    const Result<Table> table = compute("SELECT i FROM t", {&t, 1});
    ASSERT_TRUE(table);
    ASSERT_EQ(table->rows(), 100'000);
    for (std::int64_t i = 0; i < 100'000; ++i) {
        ASSERT_EQ(table->vector(0).cell<std::int64_t>(static_cast<std::uint64_t>(i)), i);
    }
}

TEST_F(HeldRowsTest, ASelectionOfRows)
{
    Relation t = held(many_rows);
    const std::array<std::uint64_t, 4> rows{99'999, 4, 2'050, 4};
    t.rows = {t.rows.front().select(rows)};
    EXPECT_THAT(texts("SELECT i || ' ' || l::VARCHAR || ' ' || o::VARCHAR FROM t", t),
                ElementsAre("99999 [99999, 100000] {'x': 99999, 'y': [text number 99999]}",
                            "4 [4, 5] {'x': 4, 'y': [text number 4]}",
                            "2050 [2050, 2051] {'x': 2050, 'y': [text number 2050]}",
                            "4 [4, 5] {'x': 4, 'y': [text number 4]}"));
}

TEST_F(HeldRowsTest, TablesOneAfterAnother)
{
    Relation t = held("SELECT range AS n, 'x' || range AS s FROM range(3000)");
    for (const auto* more :
         {"SELECT 1 AS n, 'x' AS s WHERE false",
          "SELECT range + 3000 AS n, 'x' || (range + 3000) AS s FROM range(1)",
          "SELECT range + 3001 AS n, 'x' || (range + 3001) AS s FROM range(2049)"}) {
        t.rows.push_back(held(more).rows.front());
    }
    EXPECT_THAT(texts("SELECT count(*) || ' ' || sum(n)::BIGINT || ' ' || max(s) FROM t", t),
                ElementsAre("5050 12748725 x999"));
    EXPECT_THAT(texts("SELECT s FROM t WHERE n IN (2999, 3000, 3001, 5049) ORDER BY n", t),
                ElementsAre("x2999", "x3000", "x3001", "x5049"));
}

TEST_F(HeldRowsTest, NoRows)
{
    const Relation t = held("SELECT 1 AS i, 'a' AS s WHERE false");
    EXPECT_THAT(texts("SELECT count(*) || ' ' || count(s) FROM t", t), ElementsAre("0 0"));
}

TEST_F(HeldRowsTest, ShortTextsCompareByTheirBytesOnly)
{
    std::array<sidecar::Text, 2> cells{};
    std::memset(cells.data(), 0x5a, sizeof cells);
    for (sidecar::Text& cell : cells) {
        cell.length = 2;
        std::memcpy(cell.head, "ab", 2);
    }
    cells[1].head[3] = '!';
    sidecar::TableBuilder builder({{"s", {.id = TypeId::text}}});
    const sidecar::VectorView view{cells.data(), nullptr, 0, {}};
    builder.append({&view, 1}, 2);
    const Relation t{.name = "t", .rows = {std::move(builder).finish()}};
    EXPECT_THAT(texts("SELECT s FROM t GROUP BY s", t), ElementsAre("ab"));
}

TEST_F(HeldRowsTest, TablesStandInSchemas)
{
    std::vector<Relation> relations{held("SELECT 1 AS id, 'one' AS name", "simulations"),
                                    held("SELECT 1 AS id, 'other' AS name", "simulations"),
                                    held("SELECT 1 AS id, 'plain' AS name", "weather")};
    relations[0].schema = "runs";
    relations[1].schema = "Old Runs";
    EXPECT_THAT(texts("SELECT runs.simulations.name || ' ' || o.name || ' ' || weather.name FROM "
                      "runs.simulations JOIN \"Old Runs\".simulations o ON o.id = "
                      "runs.simulations.id JOIN weather ON weather.id = o.id",
                      relations),
                ElementsAre("one other plain"));
    EXPECT_THAT(texts("SELECT name FROM weather", {relations.data() + 2, 1}), ElementsAre("plain"));
    EXPECT_THAT(texts("SELECT name FROM runs.simulations", {relations.data() + 2, 1}),
                ElementsAre(HasSubstr("error: the SQL reads \"simulations\"")));
}

TEST_F(HeldRowsTest, AComputationSeesItsOwnRowsOnly)
{
    EXPECT_THAT(texts("SELECT i::VARCHAR FROM gatehouse_rows(0)", std::span<const Relation>{}),
                ElementsAre(HasSubstr("may read the card's sources only")));
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        const std::string number = std::to_string(i);
        threads.emplace_back([this, number] {
            Relation t = held("SELECT '" + number + "' AS s", "t");
            t.schema = "runs";
            for (int round = 0; round < 20; ++round) {
                EXPECT_THAT(texts("SELECT s FROM runs.t", t), ElementsAre(number));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace
}  // namespace gatehouse::engine
