// A SQLite file as a source: what types its values become, what is refused, and what a writer, a
// replacement or damage does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sidecar/databases/database.h"
#include "sidecar/databases/sqlite_column.h"

namespace gatehouse::databases {
namespace {

namespace fs = std::filesystem;
using sidecar::ParameterType;
using sidecar::Table;
using sidecar::TypeId;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A connection that writes, as another program has it.
class Writer {
public:
    explicit Writer(const std::string& path)
    {
        EXPECT_EQ(sqlite3_open(path.c_str(), &database_), SQLITE_OK);
        sqlite3_busy_timeout(database_, 5000);
    }
    ~Writer() { sqlite3_close(database_); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void run(const std::string& sql)
    {
        char* error = nullptr;
        EXPECT_EQ(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK)
            << (error != nullptr ? error : "") << " in " << sql;
        sqlite3_free(error);
    }

private:
    sqlite3* database_ = nullptr;
};

class SqliteTest : public ::testing::Test {
protected:
    SqliteTest()
    {
        std::string name = (fs::temp_directory_path() / "gatehouse-XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
        source_.name = "runs";
        source_.kind = "sqlite";
        source_.paths = {(directory_ / "runs.db").string()};
        source_.database.busy_timeout = std::chrono::milliseconds(200);
    }
    ~SqliteTest() override { fs::remove_all(directory_); }

    const std::string& path() const { return source_.paths[0]; }

    void write(const std::string& sql) { Writer(path()).run(sql); }

    Database& database()
    {
        if (!database_) {
            database_ = open(source_, {});
        }
        return *database_;
    }

    static Job job(std::chrono::milliseconds time = std::chrono::seconds(10))
    {
        return {Clock::now() + time, 100'000, 64u << 20, {}};
    }

    Result<Table> query(const std::string& sql, const sidecar::Arguments& arguments = {})
    {
        return database().query(sql, arguments, job());
    }

    std::string error(const std::string& sql, const sidecar::Arguments& arguments = {})
    {
        const Result<Table> table = query(sql, arguments);
        return table ? "no error" : table.error().message;
    }

    std::int64_t number(const std::string& sql)
    {
        const Result<Table> table = query(sql);
        EXPECT_TRUE(table) << table.error().message;
        return table && table->rows() == 1 ? table->vector(0).cell<std::int64_t>(0) : -1;
    }

    std::string text(const std::string& sql, const sidecar::Arguments& arguments = {})
    {
        const Result<Table> table = query(sql, arguments);
        if (!table) {
            return "error: " + table.error().message;
        }
        return table->rows() == 1 && table->columns()[0].type.id == TypeId::text
                   ? std::string(table->vector(0).cell<sidecar::Text>(0).view())
                   : "no text";
    }

    TypeId type_of_values(const std::string& declared, const std::string& values)
    {
        write("DROP TABLE IF EXISTS typed; CREATE TABLE typed(v " + declared + ")");
        if (!values.empty()) {
            write("INSERT INTO typed VALUES " + values);
        }
        const Result<Table> table = query("SELECT v FROM typed");
        EXPECT_TRUE(table) << table.error().message;
        return table->columns()[0].type.id;
    }

    fs::path directory_;
    config::Source source_;
    std::shared_ptr<Database> database_;
};

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

/// Sums stay equal in every transaction of the writer, so a torn read would show.
void read_beside_a_writer(Database& database, const std::string& path, const char* journal)
{
    Writer setup(path);
    setup.run(std::string("PRAGMA journal_mode=") + journal +
              "; CREATE TABLE t(a INTEGER, b INTEGER); INSERT INTO t VALUES (0, 0)");
    std::atomic<bool> done{false};
    std::atomic<int> commits{0};
    std::thread writer([&] {
        Writer own(path);
        while (!done) {
            own.run("BEGIN IMMEDIATE; UPDATE t SET a = a + 1; UPDATE t SET b = b + 1; COMMIT");
            ++commits;
        }
    });
    int reads = 0;
    while (reads < 200 || commits < 20) {
        const Job job{Clock::now() + std::chrono::seconds(20), 10, 1 << 20, {}};
        const Result<Table> table = database.query("SELECT a - b AS d FROM t", {}, job);
        ASSERT_TRUE(table) << table.error().message;
        EXPECT_EQ(table->vector(0).cell<std::int64_t>(0), 0);
        ++reads;
    }
    done = true;
    writer.join();
}

TEST_F(SqliteTest, ReadsBesideAWriterInWalMode)
{
    read_beside_a_writer(database(), path(), "WAL");
}

TEST_F(SqliteTest, ReadsBesideAWriterInRollbackMode)
{
    source_.database.busy_timeout = std::chrono::seconds(10);
    read_beside_a_writer(database(), path(), "DELETE");
}

TEST_F(SqliteTest, SaysThatItIsLocked)
{
    Writer writer(path());
    writer.run("CREATE TABLE t(a); BEGIN EXCLUSIVE");
    const auto start = Clock::now();
    EXPECT_THAT(error("SELECT * FROM t"),
                HasSubstr("is locked by another process for longer than"));
    EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(200));
    EXPECT_FALSE(database().status().up);
    writer.run("COMMIT");
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
    EXPECT_TRUE(database().status().up);
}

TEST_F(SqliteTest, FollowsAFileThatIsReplaced)
{
    write("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    EXPECT_EQ(number("SELECT a FROM t"), 1);
    const std::string next = (directory_ / "next.db").string();
    Writer(next).run("CREATE TABLE t(a); INSERT INTO t VALUES (2)");
    fs::rename(next, path());
    EXPECT_EQ(number("SELECT a FROM t"), 2);
}

TEST_F(SqliteTest, FollowsASchemaThatChanges)
{
    write("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    EXPECT_EQ(number("SELECT * FROM t"), 1);
    write("ALTER TABLE t ADD COLUMN b DEFAULT 5");
    const Result<Table> table = query("SELECT * FROM t");
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->columns().size(), 2u);
    write("DROP TABLE t");
    EXPECT_THAT(error("SELECT * FROM t"), HasSubstr("no such table: t"));
}

TEST_F(SqliteTest, FilesThatAreNoDatabase)
{
    EXPECT_THAT(error("SELECT 1 AS a"), HasSubstr("runs.db: no such file"));
    std::ofstream(path()) << std::string(4096, 'x');
    EXPECT_THAT(error("SELECT * FROM t"), HasSubstr("is not a SQLite database, or is encrypted"));
    fs::remove(path());
    fs::create_directory(path());
    EXPECT_THAT(error("SELECT * FROM t"), HasSubstr("cannot be opened"));
}

TEST_F(SqliteTest, AFileThatIsCutOff)
{
    write(
        "CREATE TABLE t(a); WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r LIMIT "
        "5000) INSERT INTO t SELECT 'row number ' || i FROM r");
    EXPECT_EQ(number("SELECT count(*) AS n FROM t"), 5000);
    fs::resize_file(path(), 8192);
    EXPECT_THAT(error("SELECT count(*) AS n, max(a) AS m FROM t"), HasSubstr("is damaged"));
    fs::remove(path());
    write("CREATE TABLE t(a); INSERT INTO t VALUES (3)");
    EXPECT_EQ(number("SELECT a FROM t"), 3);
}

TEST_F(SqliteTest, WalModeInADirectoryThatCannotBeWritten)
{
    if (::geteuid() == 0) {
        // root writes everywhere: what is left to see is that a -wal which is away does no harm.
        write("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
        fs::remove(path() + "-wal");
        fs::remove(path() + "-shm");
        EXPECT_EQ(number("SELECT a FROM t"), 1);
        return;
    }
    write("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    fs::permissions(directory_, fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_EQ(number("SELECT a FROM t"), 1);
    fs::permissions(directory_, fs::perms::owner_all);
}

TEST_F(SqliteTest, ACommitChangesTheMark)
{
    for (const char* journal : {"DELETE", "WAL"}) {
        fs::remove(path());
        Writer writer(path());
        writer.run(std::string("PRAGMA journal_mode=") + journal + "; CREATE TABLE t(a)");
        std::string last = **database().mark();
        EXPECT_EQ(**database().mark(), last);
        for (int i = 0; i < 50; ++i) {
            writer.run("INSERT INTO t VALUES (1)");
            const std::string now = **database().mark();
            EXPECT_NE(now, last) << journal << ' ' << i;
            last = now;
        }
    }
}

TEST_F(SqliteTest, LoadsTablesAsOfOneMoment)
{
    write(
        "CREATE TABLE a(x INTEGER); CREATE TABLE \"b c\"(y TEXT); INSERT INTO a VALUES (1), (2); "
        "INSERT INTO \"b c\" VALUES ('z')");
    Result<std::vector<Table>> tables = database().load({"a", "b c"}, job());
    ASSERT_TRUE(tables) << tables.error().message;
    EXPECT_EQ((*tables)[0].rows(), 2u);
    EXPECT_EQ((*tables)[1].columns()[0].name, "y");
    EXPECT_THAT(database().load({"missing"}, job()).error().message, HasSubstr("no such table"));
    EXPECT_EQ(number("SELECT count(*) FROM a"), 2) << "no transaction is left open";
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
    std::thread holder(
        [&] { (void)database().query(std::string(endless) + "max(i) FROM r", {}, endless_job); });
    while (database().status().pool.in_use == 0) {
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
