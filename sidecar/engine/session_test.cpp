// What a computation leaves to the next one of the same SQL: all of it but the rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "sidecar/engine/engine.h"
#include "sidecar/engine/sessions.h"

namespace gatehouse::engine {
namespace {

using sidecar::Relation;
using sidecar::Table;
using ::testing::HasSubstr;

class SessionTest : public ::testing::Test {
protected:
    SessionTest()
    {
        limits_.memory_limit = 256u << 20;
        engine_ = std::move(*Engine::open(limits_));
    }

    Result<Table> compute(const std::string& sql, std::span<const Relation> relations = {})
    {
        config::Card card;
        card.sql = sql;
        return engine_->compute(card, {}, relations, {});
    }

    Relation held(const std::string& sql, const std::string& name = "t")
    {
        Result<Table> table = compute(sql);
        EXPECT_TRUE(table) << table.error().message;
        return {.name = name, .rows = {std::move(*table)}};
    }

    /// The first cell, which is text; or the error.
    std::string answer(const std::string& sql, const Relation& relation)
    {
        const Result<Table> table = compute(sql, {&relation, 1});
        return table ? std::string{table->vector(0).cell<sidecar::Text>(0).view()}
                     : table.error().message;
    }

    config::Engine limits_;
    std::unique_ptr<Engine> engine_;
};

TEST_F(SessionTest, ReadsTheRowsOfItsOwnTime)
{
    const std::string sql = "SELECT count(*) || ' ' || sum(n) || ' ' || max(s) FROM t";
    // 0 + 1 + … + (n - 1)
    EXPECT_EQ(answer(sql, held("SELECT range AS n, 'a' AS s FROM range(10)")), "10 45 a");
    EXPECT_EQ(answer(sql, held("SELECT range AS n, 'b' AS s FROM range(5000)")), "5000 12497500 b");
    EXPECT_EQ(answer(sql, held("SELECT range AS n, 'c' AS s FROM range(1)")), "1 0 c");
    Relation two = held("SELECT range AS n, 'd' AS s FROM range(3)");
    two.rows.push_back(held("SELECT 100::BIGINT AS n, 'e' AS s FROM range(2)").rows.front());
    EXPECT_EQ(answer(sql, two), "5 203 e");
}

TEST_F(SessionTest, ReadsColumnsAsTheyAreNow)
{
    const std::string sql = "SELECT typeof(v) || ' ' || v::VARCHAR FROM t";
    EXPECT_EQ(answer(sql, held("SELECT 1 AS v")), "INTEGER 1");
    EXPECT_EQ(answer(sql, held("SELECT 'x' AS v")), "VARCHAR x");
    EXPECT_EQ(answer(sql, held("SELECT 1.5::DECIMAL(4, 1) AS v")), "DECIMAL(4,1) 1.5");
    EXPECT_EQ(answer(sql, held("SELECT 1.5::DECIMAL(4, 2) AS v")), "DECIMAL(4,2) 1.50");
    EXPECT_EQ(answer(sql, held("SELECT [1] AS v")), "INTEGER[] [1]");
    EXPECT_EQ(answer(sql, held("SELECT ['1'] AS v")), "VARCHAR[] [1]");
    EXPECT_EQ(answer(sql, held("SELECT {'a': 1} AS v")), "STRUCT(a INTEGER) {'a': 1}");
    EXPECT_EQ(answer(sql, held("SELECT {'b': 1} AS v")), "STRUCT(b INTEGER) {'b': 1}");
    EXPECT_EQ(answer(sql, held("SELECT 'p'::ENUM('p', 'q') AS v")), "ENUM('p', 'q') p");
    EXPECT_EQ(answer(sql, held("SELECT 'q'::ENUM('r', 'q') AS v")), "ENUM('r', 'q') q");
    EXPECT_EQ(answer(sql, held("SELECT 1 AS w, 2 AS v")), "INTEGER 2");
    EXPECT_EQ(answer(sql, held("SELECT 1 AS v, 2 AS w")), "INTEGER 1");
}

TEST_F(SessionTest, SeesNoRelationOfAnother)
{
    const std::string sql = "SELECT 'x' FROM t";
    EXPECT_EQ(answer(sql, held("SELECT 1 AS v")), "x");
    EXPECT_THAT(answer(sql, held("SELECT 1 AS v", "u")), HasSubstr("only source is \"u\""));
    const Result<Table> none = compute(sql);
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("list of sources is empty"));
}

TEST_F(SessionTest, HasTheTimeAndTheChanceOfItsOwn)
{
    const Relation t = held("SELECT 1 AS v");
    const std::string time = "SELECT epoch_us(now())::VARCHAR FROM t";
    const std::string before = answer(time, t);
    EXPECT_LT(before, answer(time, t));
    const std::string chance = "SELECT random()::VARCHAR FROM t";
    EXPECT_NE(answer(chance, t), answer(chance, t));
}

TEST_F(SessionTest, AnErrorIsOfOneComputation)
{
    const std::string sql = "SELECT s::INTEGER::VARCHAR FROM t";
    EXPECT_EQ(answer(sql, held("SELECT '1' AS s")), "1");
    EXPECT_THAT(answer(sql, held("SELECT 'one' AS s")), HasSubstr("Could not convert"));
    EXPECT_EQ(answer(sql, held("SELECT '2' AS s")), "2");
    config::Card card;
    card.sql = sql;
    card.max_rows = 1;
    const Relation many = held("SELECT range::VARCHAR AS s FROM range(5000)");
    EXPECT_FALSE(engine_->compute(card, {}, {&many, 1}, {}));
    EXPECT_EQ(answer(sql, held("SELECT '3' AS s")), "3");
}

TEST_F(SessionTest, OneIsOfOneComputationAtATime)
{
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([this, number = std::to_string(i)] {
            const Relation t = held("SELECT '" + number + "' AS s FROM range(3000)");
            for (int round = 0; round < 30; ++round) {
                EXPECT_EQ(answer("SELECT min(s) || max(s) FROM t", t), number + number);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

TEST_F(SessionTest, ThoseUsedLongestAgoGoFirst)
{
    const auto instance = *Instance::open(limits_, {});
    Sessions sessions;
    for (std::size_t i = 0; i <= Sessions::most; ++i) {
        auto session = std::move(*Session::open(instance));
        session->sql = i % 2 == 0 ? "the same" : std::to_string(i);
        session->shape = {{std::to_string(i), {}}};
        sessions.put(std::move(session));
    }
    EXPECT_EQ(sessions.take("the same", {{"0", {}}}), nullptr);
    EXPECT_EQ(sessions.take("1", {{"2", {}}}), nullptr);
    EXPECT_NE(sessions.take("1", {{"1", {}}}), nullptr);
    EXPECT_EQ(sessions.take("1", {{"1", {}}}), nullptr);
    EXPECT_NE(sessions.take("the same", {{"2", {}}}), nullptr);
}

}  // namespace
}  // namespace gatehouse::engine
