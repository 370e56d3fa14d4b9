// A SQLite file as a source: what types its values become, what is refused, and who gets a
// connection.
#include <thread>

#include "sidecar/databases/sqlite_column.h"
#include "sidecar/databases/test_sqlite.h"

namespace gatehouse::databases {
namespace {

using sidecar::ParameterType;

TEST_F(SqliteTest, TypesComeFromValuesAndDeclarations)
{
    write("CREATE TABLE t(i)");
    EXPECT_EQ(type_of_values("INTEGER", "(1), (NULL), (-9223372036854775808)"), TypeId::int64);
    EXPECT_EQ(type_of_values("REAL", "(1.5), (NULL)"), TypeId::float64);
    EXPECT_EQ(type_of_values("", "(1.5), (2)"), TypeId::float64);
    EXPECT_EQ(type_of_values("", "(1.5), (9007199254740993)"), TypeId::text);
    EXPECT_EQ(type_of_values("TEXT", "('a')"), TypeId::text);
    EXPECT_EQ(type_of_values("", "('a'), (1)"), TypeId::text);
    EXPECT_EQ(type_of_values("BLOB", "(x'00ff')"), TypeId::blob);
    EXPECT_EQ(type_of_values("BOOLEAN", "(0), (1), (NULL)"), TypeId::boolean);
    EXPECT_EQ(type_of_values("BOOLEAN", "(0), (2)"), TypeId::int64);
    EXPECT_EQ(type_of_values("DATE", "('2024-02-29'), (NULL)"), TypeId::date);
    EXPECT_EQ(type_of_values("DATE", "('2023-02-29')"), TypeId::text);
    EXPECT_EQ(type_of_values("DATETIME", "('2024-02-29 12:00:00.5'), ('2024-02-29T12:00')"),
              TypeId::timestamp_us);
    EXPECT_EQ(type_of_values("TIMESTAMP", "('2024-02-29 12:00:00Z')"), TypeId::text);
    EXPECT_EQ(type_of_values("TIMESTAMP", "(1700000000)"), TypeId::int64);
    EXPECT_EQ(type_of_values("INTEGER", "(NULL)"), TypeId::int64);
    EXPECT_EQ(type_of_values("VARCHAR(10)", ""), TypeId::text);
    EXPECT_EQ(type_of_values("DOUBLE", ""), TypeId::float64);
    EXPECT_EQ(type_of_values("", ""), TypeId::null);
}

TEST_F(SqliteTest, ValuesAreExact)
{
    write("CREATE TABLE t(d DATE, s DATETIME, b BOOLEAN, r REAL)");
    write("INSERT INTO t VALUES ('1969-12-31', '2000-01-01 00:00:01.25', 1, 0.1)");
    const Result<Table> table = query("SELECT * FROM t");
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->vector(0).cell<std::int32_t>(0), -1);
    // date -u -d 2000-01-01T00:00:01 +%s: 946684801
    EXPECT_EQ(table->vector(1).cell<std::int64_t>(0), 946'684'801'250'000);
    EXPECT_TRUE(table->vector(2).cell<bool>(0));
    EXPECT_EQ(table->vector(3).cell<double>(0), 0.1);
}

TEST_F(SqliteTest, MixedKindsBecomeText)
{
    write(
        "CREATE TABLE t(k, v); INSERT INTO t VALUES (1, 'a'), (2, 7), (3, 1.5), (4, x'00FF'), "
        "(5, NULL), (6, CAST(x'fe' AS TEXT))");
    const Result<Table> table = query("SELECT v FROM t ORDER BY k");
    ASSERT_TRUE(table) << table.error().message;
    std::vector<std::string> found;
    for (std::uint64_t row = 0; row < table->rows(); ++row) {
        found.emplace_back(table->vector(0).valid(row)
                               ? table->vector(0).cell<sidecar::Text>(row).view()
                               : "NULL");
    }
    EXPECT_THAT(found, ElementsAre("a", "7", "1.5", "X'00FF'", "NULL", "X'FE'"));
}

TEST_F(SqliteTest, TablesHaveTheSourcesNameBeforeThemOrNot)
{
    write("CREATE TABLE simulations(id INTEGER); INSERT INTO simulations VALUES (7)");
    EXPECT_EQ(number("SELECT id FROM simulations"), 7);
    EXPECT_EQ(number("SELECT id FROM runs.simulations"), 7);
    source_.database.table = "simulations";
    database_.reset();
    EXPECT_EQ(number("SELECT runs.id FROM runs"), 7);
}

TEST_F(SqliteTest, ArgumentsAreBound)
{
    write("CREATE TABLE t(id INTEGER, name TEXT); INSERT INTO t VALUES (1, 'one'), (2, 'two')");
    EXPECT_EQ(text("SELECT name FROM t WHERE id = $id",
                   {{"id", ParameterType::integer, std::int64_t{2}}}),
              "two");
    EXPECT_EQ(text("SELECT name FROM t WHERE id = $id",
                   {{"id", ParameterType::integer, std::int64_t{1}}}),
              "one");
    EXPECT_EQ(text("SELECT typeof($n) || typeof($b) || typeof($s) || typeof($d)",
                   {{"n", ParameterType::number, 0.5},
                    {"b", ParameterType::boolean, true},
                    {"s", ParameterType::string, "x"},
                    {"d", ParameterType::date, "2024-01-01"}}),
              "realintegertexttext");
    EXPECT_EQ(text("SELECT coalesce($x, 'none')", {{"x", ParameterType::string, {}}}), "none");
    const std::string injection = "'; DROP TABLE t; --";
    EXPECT_EQ(text("SELECT $x", {{"x", ParameterType::string, injection}}), injection);
    EXPECT_THAT(error("SELECT $other"), HasSubstr("the SQL has $other, but the card has no such"));
    EXPECT_THAT(error("SELECT ?"), HasSubstr("a parameter without a name"));
}

TEST_F(SqliteTest, SqlCanOnlyRead)
{
    write("CREATE TABLE t(id INTEGER); INSERT INTO t VALUES (1)");
    const std::string other = (directory_ / "other.db").string();
    for (const std::string& sql :
         {std::string("DELETE FROM t"), std::string("INSERT INTO runs.t VALUES (2)"),
          std::string("CREATE TABLE main.x(a)"), std::string("CREATE TEMP TABLE x(a)"),
          "ATTACH '" + other + "' AS o", std::string("DETACH runs"),
          std::string("PRAGMA journal_mode=DELETE"), std::string("PRAGMA query_only"),
          std::string("SELECT load_extension('/tmp/x.so')"), std::string("BEGIN"),
          std::string("VACUUM INTO '/tmp/x.db'"), std::string("EXPLAIN SELECT 1; SELECT 1"),
          std::string("SELECT 1; SELECT 2"), std::string("SELECT * FROM pragma_database_list"),
          std::string("WITH x AS (SELECT 1) DELETE FROM t"), std::string(";"), std::string()}) {
        EXPECT_NE(error(sql), "no error") << sql;
    }
    EXPECT_EQ(number("SELECT count(*) FROM t"), 1);
    EXPECT_FALSE(fs::exists(other));
    EXPECT_THAT(error("SELECT id, id FROM t"), HasSubstr("two columns called \"id\""));
    EXPECT_THAT(error("SELECT missing FROM t"), HasSubstr("no such column: missing"));
}

constexpr const char* endless =
    "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT ";

TEST_F(SqliteTest, WorkIsBounded)
{
    write("CREATE TABLE t(id INTEGER)");
    const auto start = Clock::now();
    const Result<Table> late = database().query(std::string(endless) + "max(i) FROM r", {},
                                                job(std::chrono::milliseconds(100)));
    EXPECT_THAT(late.error().message, StartsWith("took longer than its \"timeout\""));
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
    EXPECT_THAT(error(std::string(endless) + "i FROM r"), HasSubstr("more than 100000 rows"));
    EXPECT_THAT(error(std::string(endless) + "randomblob(1000000) FROM r"),
                HasSubstr("the rows take more than 64m"));
    EXPECT_THAT(error("SELECT zeroblob(1000000000)"), HasSubstr("too big"));
    std::stop_source stop;
    std::thread stopper([&] { stop.request_stop(); });
    Job stopped = job();
    stopped.stop = stop.get_token();
    EXPECT_EQ(database().query(std::string(endless) + "max(i) FROM r", {}, stopped).error().message,
              "was stopped before it was done");
    stopper.join();
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0) << "the connection still serves";
}

TEST_F(SqliteTest, ConnectionsAreKept)
{
    write("CREATE TABLE t(a)");
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
    const PoolState pool = database().status().pool;
    EXPECT_EQ(pool.idle, 1u);
    EXPECT_EQ(pool.in_use, 0u);
}

TEST_F(SqliteTest, WhoFindsNoConnectionWaitsForOne)
{
    write("CREATE TABLE t(a)");
    source_.database.pool_size = 1;
    source_.database.max_overflow = 0;
    source_.database.pool_timeout = std::chrono::milliseconds(50);
    std::stop_source stop;
    Job endless_job = job();
    endless_job.stop = stop.get_token();
    Database& own = database();  // made by one thread
    std::thread holder(
        [&] { (void)own.query(std::string(endless) + "max(i) FROM r", {}, endless_job); });
    while (own.status().pool.in_use == 0) {
        std::this_thread::yield();
    }
    EXPECT_THAT(error("SELECT 1 AS a"), HasSubstr("no connection of the pool became free"));
    EXPECT_GT(database().status().pool.wait_seconds, 0.04);
    stop.request_stop();
    holder.join();
    EXPECT_EQ(number("SELECT 1 AS a"), 1);
}

}  // namespace
}  // namespace gatehouse::databases
