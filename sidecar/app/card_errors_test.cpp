// Cards that cannot be computed: what the message says.
#include <sys/fsuid.h>

#include <chrono>
#include <cstdlib>
#include <stop_token>
#include <thread>

#include <sys/resource.h>

#include "sidecar/app/card_test.h"
#include "sidecar/base/process_memory.h"

namespace gatehouse::app {
namespace {

TEST_F(CardTest, FilesThatCannotBeRead)
{
    config::Source& csv = source("s", directory_ / "missing.csv");
    EXPECT_THAT(error("SELECT 1"), AllOf(HasSubstr("source \"s\""),
                                         HasSubstr("missing.csv: no such file; create it")));
    csv.paths = {directory_ / "no/missing.csv"};
    EXPECT_THAT(error("SELECT 1"), HasSubstr("missing.csv: no such file, nor its directory"));
    csv.paths = {directory_ / "loop.csv"};
    fs::create_symlink("loop.csv", directory_ / "loop.csv");
    EXPECT_THAT(error("SELECT 1"),
                HasSubstr("loop.csv: a symbolic link that leads back to itself"));
    fs::remove(directory_ / "loop.csv");
    csv.paths = {directory_ / "*.csv"};
    EXPECT_THAT(error("SELECT 1"), HasSubstr("*.csv: no file has such a name"));
    csv.paths = {directory_ / ""};
    EXPECT_THAT(error("SELECT 1"), HasSubstr("is a directory"));
    csv.paths = {directory_.write("empty.csv", "")};
    EXPECT_THAT(error("SELECT 1"), HasSubstr("empty.csv: is empty; whoever writes it"));
    csv.paths = {directory_.write("blank.csv", "\n\r\n")};
    EXPECT_THAT(error("SELECT 1"), HasSubstr("no line that is not empty"));
    csv.paths = {"/dev/null"};
    EXPECT_THAT(error("SELECT 1"), HasSubstr("not a regular file"));
}

/// Root may read everything: this thread opens files as nobody while the object lives.
class AsNobody {
public:
    AsNobody() : before_(::setfsuid(65534)) {}
    ~AsNobody() { ::setfsuid(static_cast<uid_t>(before_)); }

private:
    int before_;
};

TEST_F(CardTest, ADirectoryThatMayNotBeEntered)
{
    source("s", directory_.write("d/s.csv", "a\n1\n"));
    fs::permissions(directory_ / "d", fs::perms::none);
    const auto executors = open_executors(config_);
    ASSERT_TRUE(executors);
    {
        const AsNobody nobody;
        const auto attempt = compute_card(*executors, config_, card_, {});
        ASSERT_FALSE(attempt.result);
        EXPECT_THAT(attempt.result.error().message,
                    AllOf(HasSubstr("source \"s\""), HasSubstr("s.csv: Permission denied")));
    }
    fs::permissions(directory_ / "d", fs::perms::owner_all);
}

TEST_F(CardTest, RaggedCsv)
{
    source("s", directory_.write("s.csv", "a,b\n1,2\n3\n4,5,6\n"));
    EXPECT_THAT(error("SELECT * FROM s"),
                AllOf(HasSubstr("s.csv: line 3 has 1 columns, the first has 2"),
                      HasSubstr("\"ignore_errors\"")));
    directory_.write("s.csv", "a,b\n1,\"2\n3\"\n4\n");
    EXPECT_THAT(error("SELECT * FROM s"), HasSubstr("s.csv: line 4 has 1 columns"));
}

TEST_F(CardTest, RaggedFarDown)
{
    source("s", directory_.write("s.csv", many_rows("1\n")));
    EXPECT_THAT(error("SELECT count(n) FROM s"), HasSubstr("s.csv: line 400002"));
}

TEST_F(CardTest, NulBytes)
{
    source("s", directory_.write("s.csv", {"a,b\n1,2\n\0,3\n", 12}));
    EXPECT_THAT(error("SELECT * FROM s"), HasSubstr("s.csv: has a NUL byte in line 3"));
}

TEST_F(CardTest, NotUtf8)
{
    config::Source& csv = source("s", directory_.write("s.csv", "a,b\n1,caf\xe9\n"));
    EXPECT_THAT(error("SELECT * FROM s"), AllOf(HasSubstr("s.csv: line 2"), HasSubstr("latin-1")));
    csv.csv.encoding = "latin-1";
    EXPECT_EQ(body("SELECT b FROM s"), R"([{"b":"café"}])");
}

TEST_F(CardTest, Utf16)
{
    const std::string_view utf16("\xff\xfe[\0{\0}\0]\0", 10);
    source("s", directory_.write("s.csv", utf16));
    EXPECT_THAT(error("SELECT * FROM s"), HasSubstr("s.csv: is UTF-16; say so with \"encoding\""));
    card_.sources.clear();
    source("j", directory_.write("j.json", utf16), "json");
    EXPECT_THAT(error("SELECT * FROM j"), HasSubstr("j.json: is UTF-16; convert it"));
}

TEST_F(CardTest, AnEndlessLine)
{
    const char* size = ::getenv("GATEHOUSE_TEST_LINE_BYTES");
    std::string csv = "a,b\n1,";
    csv.append(size != nullptr ? std::strtoull(size, nullptr, 10) : 20'000'000, 'x');
    source("s", directory_.write("s.csv", csv));
    EXPECT_THAT(error("SELECT * FROM s"), AllOf(HasSubstr("source \"s\""), HasSubstr("s.csv"),
                                                HasSubstr("line 2 is longer than 2000000 bytes")));
}

TEST_F(CardTest, SqlThatIsWrong)
{
    source("s", directory_.write("s.csv", "Time,a\n1,2\n"));
    EXPECT_THAT(error("SELECT Tim FROM s"), AllOf(HasSubstr("\"Tim\""), HasSubstr("\"Time\"")));
    EXPECT_THAT(error("SELECT *\nFROM s\nWHERE Tme > 1"), HasSubstr("line 3 of the SQL"));
    EXPECT_EQ(error("SELECT * FROM st"),
              "the SQL reads \"st\", but the card's only source is \"s\"");
    EXPECT_THAT(error("SELEC 1"), HasSubstr("syntax error"));
    EXPECT_THAT(error(""), HasSubstr("no statement"));
    EXPECT_THAT(error("SELECT 1; SELECT 2"), HasSubstr("one statement, but has 2"));
    EXPECT_THAT(error("SELECT $1"), HasSubstr("a parameter without a name"));
    EXPECT_THAT(error(std::string("SELECT 1\0", 9)), HasSubstr("NUL"));
}

TEST_F(CardTest, SqlReadsItsSourcesOnly)
{
    const std::string other = directory_.write("other.csv", "a\n1\n");
    const std::string out = directory_ / "out.csv";
    source("s", directory_.write("s.csv", "a\n1\n"));
    const std::string statements[] = {
        "SELECT * FROM '" + other + "'",
        "SELECT * FROM read_csv('" + other + "')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('" + other + "')",
        "SELECT * FROM read_csv('" + (directory_ / "x/../other.csv") + "')",
        "SELECT * FROM read_csv('https://example.com/a.csv')",
        "COPY s TO '" + out + "'",
        "EXPORT DATABASE '" + out + "'",
        "SELECT * FROM query('COPY s TO ''" + out + "''')",
    };
    for (const std::string& sql : statements) {
        EXPECT_THAT(error(sql),
                    AnyOf(HasSubstr("card's sources only"), HasSubstr("may not call query()")))
            << sql;
    }
    EXPECT_FALSE(fs::exists(out));
}

TEST_F(CardTest, SqlIsAQuery)
{
    source("s", directory_.write("s.csv", "a\n1\n"));
    for (const char* sql :
         {"ATTACH '/tmp/gatehouse-test.db'", "INSTALL httpfs", "LOAD httpfs", "SET threads = 1",
          "RESET threads", "PRAGMA threads = 1", "CREATE TABLE t (i INT)", "DROP VIEW s",
          "USE memory", "CALL pragma_version()", "EXPLAIN SELECT 1", "BEGIN", "CHECKPOINT",
          "SET VARIABLE x = 1", "CREATE OR REPLACE TEMP VIEW s AS SELECT 1"}) {
        EXPECT_THAT(error(sql), HasSubstr("must be a query")) << sql;
    }
    EXPECT_EQ(body("FROM s"), R"([{"a":1}])");
    EXPECT_EQ(body("WITH t AS (FROM s) SELECT * FROM t; -- end"), R"([{"a":1}])");
    EXPECT_EQ(body("SELECT INTERVAL '1 day' AS i; -- end"), R"([{"i":"1 day"}])");
}

TEST_F(CardTest, OnlyTheCardsOwnSourcesAreThere)
{
    source("mine", directory_.write("a.csv", "a\n1\n"));
    source("theirs", directory_.write("b.csv", "a\n1\n"));
    card_.sources = {"mine"};
    EXPECT_THAT(error("SELECT * FROM theirs"), HasSubstr("only source is \"mine\""));
}

TEST_F(CardTest, Limits)
{
    EXPECT_THAT(error("SELECT * FROM range(1000000)"),
                AllOf(HasSubstr("more than 500000 rows"), HasSubstr("max_rows")));
    card_.timeout = std::chrono::milliseconds(100);
    EXPECT_THAT(error("SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3"),
                HasSubstr("longer than its \"timeout\" of 100ms"));
    card_.timeout = std::chrono::minutes(90);
    EXPECT_EQ(value("1"), "1");
}

TEST_F(CardTest, MemoryLimit)
{
    config_.engine.memory_limit = 32u << 20;
    EXPECT_THAT(error("SELECT count(DISTINCT i) FROM range(20000000) t(i)"),
                HasSubstr("\"memory_limit\" 32m"));
    EXPECT_THAT(error("SELECT repeat('x', 1000000) FROM range(100)"), HasSubstr("32m"));
    EXPECT_EQ(value("1"), "1");
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(CardTest, ProcessMemoryLimit)
{
    constexpr std::uint64_t limit = 768u << 20;
    config_.engine.process_memory_limit = limit;
    ASSERT_TRUE(sidecar::limit_process_memory(limit));
    // One call each, which DuckDB's own limit does not count and an interrupt does not end.
    const std::string hogs[] = {
        "SELECT range(1000000000)",
        "SELECT length(repeat('x', 3000000000))",
        "SELECT list_transform(range(30000000), x -> x::VARCHAR || 'abcdefghijklmnop')",
        "SELECT string_split(repeat('a,', 100000000), ',')",
    };
    for (const std::string& sql : hogs) {
        EXPECT_THAT(error(sql), HasSubstr("\"process_memory_limit\" 768m")) << sql;
    }
    // What they took is free again after a second or two.
    const std::string good = "SELECT count(DISTINCT i) AS n FROM range(2000000) t(i)";
    for (int i = 0; i < 100 && body(good, Shape::value) != "2000000"; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(body(good, Shape::value), "2000000");
    ASSERT_TRUE(sidecar::limit_process_memory(RLIM_INFINITY));
}
#endif

TEST_F(CardTest, ABodyThatIsTooLarge)
{
    EXPECT_THAT(body("SELECT repeat('x', 1000000) AS x FROM range(80)"), HasSubstr("64 MiB"));
}

TEST_F(CardTest, StopEndsAComputation)
{
    const auto executors = open_executors(config_);
    ASSERT_TRUE(executors);
    card_.sql = "SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3";
    std::stop_source stop;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        stop.request_stop();
    });
    const auto attempt = compute_card(*executors, config_, card_, stop.get_token());
    ASSERT_FALSE(attempt.result);
    EXPECT_THAT(attempt.result.error().message, HasSubstr("stopped"));
}

}  // namespace
}  // namespace gatehouse::app
