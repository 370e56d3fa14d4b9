// A connection to a real PostgreSQL: that its SQL can only read, by each of the locks for itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "sidecar/base/test_postgres.h"
#include "sidecar/databases/postgres_connection.h"

namespace gatehouse::databases {
namespace {

using ::testing::HasSubstr;

class LivePostgres : public ::testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(server().started());
        config::DatabaseOptions options;
        options.url = server().url();
        auto opened = PostgresConnection::open(options, job());
        ASSERT_TRUE(opened) << opened.error().message;
        connection_ = std::move(*opened);
        // A sequence does not go back when a transaction does.
        run("SET default_transaction_read_only = off");
        run("DROP SEQUENCE IF EXISTS counted; CREATE SEQUENCE counted");
        run("SET default_transaction_read_only = on");
    }

    static Job job()
    {
        return {Clock::now() + std::chrono::seconds(30), 1'000, std::uint64_t{64} << 20, {}};
    }

    void run(const char* sql)
    {
        const Result<void> done = connection_->run(sql, job());
        ASSERT_TRUE(done) << done.error().message;
    }

    /// The one value that the SQL yields, or why it yields none.
    std::string query(const std::string& sql, const sidecar::Arguments& arguments = {})
    {
        const Result<sidecar::Table> table = connection_->query(sql, arguments, job());
        return table ? std::string(table->vector(0).cell<sidecar::Text>(0).view())
                     : "error: " + table.error().message;
    }

    std::string copy(const std::string& sql)
    {
        const auto tables = connection_->copy({sql}, job());
        return tables ? std::string(tables->at(0).vector(0).cell<sidecar::Text>(0).view())
                      : "error: " + tables.error().message;
    }

    std::unique_ptr<PostgresConnection> connection_;

private:
    /// One for all tests.
    static sidecar::TestPostgres& server()
    {
        static sidecar::TestPostgres one;
        return one;
    }
};

constexpr const char* next = "SELECT nextval('counted')::text";
constexpr const char* is_called = "SELECT is_called::text FROM counted";

TEST_F(LivePostgres, AQueryIsInATransactionThatMayOnlyRead)
{
    run("SET default_transaction_read_only = off");
    EXPECT_THAT(query(next), HasSubstr("the SQL may only read"));
    EXPECT_EQ(query(is_called), "false");
}

TEST_F(LivePostgres, ACopyIsInATransactionThatMayOnlyRead)
{
    run("SET default_transaction_read_only = off");
    EXPECT_THAT(copy(next), HasSubstr("the SQL may only read"));
    EXPECT_EQ(copy(is_called), "false");
}

TEST_F(LivePostgres, OtherTransactionsMayOnlyReadByDefault)
{
    EXPECT_THAT(connection_->run(next, job()).error().message, HasSubstr("the SQL may only read"));
    EXPECT_EQ(query(is_called), "false");
}

TEST_F(LivePostgres, WhatAQuerySetsIsUndone)
{
    EXPECT_EQ(query("SELECT set_config('default_transaction_read_only', 'off', false)"), "off");
    EXPECT_EQ(query("SELECT current_setting('default_transaction_read_only')"), "on");
    EXPECT_THAT(query("SELECT set_config('transaction_read_only', 'off', false)"),
                HasSubstr("transaction read-write mode must be set before any query"));
}

/// This query is one of them.
constexpr const char* statements = "SELECT count(*)::text FROM pg_prepared_statements";

sidecar::Arguments number(std::int64_t value)
{
    return {{"n", sidecar::ParameterType::integer, value}};
}

TEST_F(LivePostgres, AQueryThatFailsIsPreparedOnce)
{
    for (int i = 0; i < 100; ++i) {
        EXPECT_THAT(query("SELECT (1 / $n)::text", number(0)), HasSubstr("division by zero"));
    }
    EXPECT_EQ(query("SELECT (1 / $n)::text", number(1)), "1");
    EXPECT_EQ(query(statements), "2");
}

TEST_F(LivePostgres, StatementsAreBounded)
{
    for (int i = 0; i < 120; ++i) {
        const std::string number = std::to_string(i);
        EXPECT_EQ(query("SELECT '" + number + "'"), number);
        EXPECT_THAT(query("SELECT (" + number + " / 0)::text"), HasSubstr("division by zero"));
    }
    EXPECT_LE(std::stoi(query(statements)), 64);
}

TEST_F(LivePostgres, WhatCannotBePreparedLeavesNothing)
{
    EXPECT_THAT(query("SELECT 'a' AS a, 'b' AS a"), HasSubstr("two columns called"));
    EXPECT_THAT(query("SELECT no_such FROM counted"), HasSubstr("does not exist"));
    EXPECT_EQ(query(statements), "1");
}

TEST_F(LivePostgres, ColumnsOfTypesThatNobodyKnowsCostOneStatement)
{
    EXPECT_EQ(query("SELECT inet '10.0.0.1' AS address"), "10.0.0.1");
    EXPECT_EQ(query("SELECT interval '1 day' AS time"), "1 day");
    EXPECT_EQ(query(statements), "3");
}

TEST_F(LivePostgres, ACopyLeavesNoStatement)
{
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(copy("SELECT inet '10.0.0.1' AS address, 1 AS number"), "10.0.0.1");
        EXPECT_THAT(copy("SELECT (1 / 0)::text"), HasSubstr("division by zero"));
    }
    EXPECT_EQ(query(statements), "1");
}

TEST_F(LivePostgres, AStatementThatTheSchemaOutdatedIsReplaced)
{
    run("SET default_transaction_read_only = off");
    run("CREATE TEMPORARY TABLE changing AS SELECT 'first' AS what");
    EXPECT_EQ(query("SELECT * FROM changing"), "first");
    run("ALTER TABLE changing ALTER what TYPE varchar(20)");
    run("UPDATE changing SET what = 'second'");
    EXPECT_EQ(query("SELECT * FROM changing"), "second");
    EXPECT_EQ(query(statements), "2");
}

TEST_F(LivePostgres, AStatementThatIsGoneIsPreparedAgain)
{
    EXPECT_EQ(query("SELECT 'here'"), "here");
    run("DEALLOCATE ALL");
    EXPECT_EQ(query("SELECT 'here'"), "here");
}

}  // namespace
}  // namespace gatehouse::databases
