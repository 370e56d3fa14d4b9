// A SQLite file that others write, replace, lock or damage while it is read.
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "sidecar/base/test_locks.h"
#include "sidecar/databases/test_sqlite.h"

namespace gatehouse::databases {
namespace {

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

/// Without them another program that closes the database takes its -wal away.
TEST_F(SqliteTest, LookingForChangesLeavesTheLocksOfConnections)
{
    write("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    ASSERT_TRUE(query("SELECT count(*) AS n FROM t"));
    ASSERT_TRUE(sidecar::has_posix_lock(path()));
    ASSERT_TRUE(sidecar::has_posix_lock(path() + "-shm"));
    const auto mark = database().mark();
    ASSERT_TRUE(mark);
    EXPECT_TRUE(sidecar::has_posix_lock(path()));
    EXPECT_TRUE(sidecar::has_posix_lock(path() + "-shm"));
    EXPECT_EQ(*database().mark(), *mark) << "nothing has changed";
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

TEST_F(SqliteTest, SaysWhatEndedTheWaitForALock)
{
    source_.database.busy_timeout = std::chrono::minutes(1);
    Writer writer(path());
    writer.run("CREATE TABLE t(a); BEGIN EXCLUSIVE");
    const auto table = database().query("SELECT * FROM t", {}, job(std::chrono::milliseconds(100)));
    ASSERT_FALSE(table);
    EXPECT_THAT(table.error().message, HasSubstr("until the \"timeout\" was over"));
    EXPECT_THAT(table.error().message, ::testing::Not(HasSubstr("1m")));
    writer.run("COMMIT");
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
    EXPECT_THAT(error("SELECT * FROM t"), HasSubstr("is not a regular file"));
    fs::remove(path());
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    EXPECT_THAT(error("SELECT * FROM t"), HasSubstr("is not a regular file")) << "at once";
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

}  // namespace
}  // namespace gatehouse::databases
