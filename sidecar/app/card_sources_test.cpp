// Cards from files to bytes: what sources read.
#include "sidecar/app/card_test.h"
#include "sidecar/sources/test_parquet.h"

namespace gatehouse::app {
namespace {

TEST_F(CardTest, CsvOptions)
{
    config::Source& csv = source("s", directory_.write("s.csv",
                                                       "# made today\nwhen;n;x\n"
                                                       "02.01.2026;NA;1,5\n"
                                                       "03.01.2026;7;\n"));
    csv.csv.skip = 1;
    csv.csv.delimiter = ";";
    csv.csv.null_strings = {"NA"};
    csv.csv.decimal = ",";
    csv.csv.dateformat = "%d.%m.%Y";
    csv.types = {{"x", "DOUBLE"}};
    EXPECT_EQ(body("SELECT * FROM s"),
              R"([{"when":"2026-01-02","n":null,"x":1.5},{"when":"2026-01-03","n":7,"x":null}])");
}

TEST_F(CardTest, CsvDelimiterIsTheHeadersOwn)
{
    source("s", directory_.write("s.csv", "a;b\n1;2,5\n"));
    EXPECT_EQ(body("SELECT * FROM s"), R"([{"a":1,"b":"2,5"}])");
}

TEST_F(CardTest, CsvDelimiterOfSeveralCharacters)
{
    config::Source& csv = source("s", directory_.write("s.csv", "a||b\n1||2|3\n"));
    csv.csv.delimiter = "||";
    csv.columns = {{"a", "BIGINT"}, {"b", "VARCHAR"}};
    EXPECT_EQ(body("SELECT * FROM s"), R"([{"a":1,"b":"2|3"}])");
}

TEST_F(CardTest, CsvWithoutHeader)
{
    config::Source& csv = source("s", directory_.write("s.csv", "1,2\n3,4\n"));
    csv.csv.header = false;
    csv.columns = {{"a", "INTEGER"}, {"b", "VARCHAR"}};
    EXPECT_EQ(body("SELECT * FROM s"), R"([{"a":1,"b":"2"},{"a":3,"b":"4"}])");
}

TEST_F(CardTest, CsvUtf16)
{
    const std::string bytes(
        "\xff\xfe"
        "a\0\n\0"
        "1\0\n\0",
        10);
    config::Source& csv = source("s", directory_.write("s.csv", bytes));
    EXPECT_THAT(error("SELECT * FROM s"),
                AllOf(HasSubstr("s.csv: is UTF-16"), HasSubstr("encoding")));
    csv.csv.encoding = "utf-16";
    EXPECT_EQ(body("SELECT * FROM s"), R"([{"a":1}])");
    directory_.write("s.csv", {"\xfe\xff\0a\0\n\0"
                               "1\0\n",
                               10});
    EXPECT_THAT(error("SELECT * FROM s"), HasSubstr("big-endian"));
}

TEST_F(CardTest, CsvUtf8MarkIsNotPartOfTheName)
{
    config::Source& csv = source("s", directory_.write("s.csv",
                                                       "\xef\xbb\xbf"
                                                       "a,b\n1,2\n"));
    EXPECT_EQ(body("SELECT a FROM s"), R"([{"a":1}])");
    csv.columns = {{"a", "BIGINT"}, {"b", "BIGINT"}};
    EXPECT_EQ(body("SELECT a FROM s"), R"([{"a":1}])");
}

TEST_F(CardTest, StatedColumnsMustBeTheHeaders)
{
    config::Source& csv = source("s", directory_.write("s.csv", "b,a\n1,2\n"));
    csv.columns = {{"a", "BIGINT"}, {"b", "BIGINT"}};
    EXPECT_THAT(error("SELECT * FROM s"), HasSubstr(R"(column 1 of the header is "b", not "a")"));
}

TEST_F(CardTest, GlobsAndSeveralPaths)
{
    directory_.write("d/b.csv", "a\n2\n");
    directory_.write("d/a.csv", "a\n1\n");
    directory_.write("d/deep/er/c.csv", "a\n3\n");
    directory_.write("other.csv", "a\n4\n");
    config::Source& csv = source("s", directory_ / "d/*.csv");
    EXPECT_EQ(body("SELECT * FROM s", Shape::columns), R"({"a":[1,2]})");
    csv.paths.push_back(directory_ / "other.csv");
    EXPECT_EQ(body("SELECT * FROM s", Shape::columns), R"({"a":[1,2,4]})");
    csv.paths = {directory_ / "d/**/?.csv"};
    EXPECT_EQ(body("SELECT * FROM s ORDER BY a", Shape::columns), R"({"a":[1,2,3]})");
}

TEST_F(CardTest, AFurtherFileOfAGlobIsReadToo)
{
    directory_.write("a.csv", "a\n1\n");
    source("s", directory_ / "*.csv");
    card_.sql = "SELECT sum(a) AS a FROM s";
    const auto executors = open_executors(config_);
    ASSERT_TRUE(executors);
    EXPECT_EQ(compute_card(*executors, config_, card_, {}).result->representations[0].body,
              R"([{"a":1}])");
    directory_.write("b.csv", "a\n2\n");
    EXPECT_EQ(compute_card(*executors, config_, card_, {}).result->representations[0].body,
              R"([{"a":3}])");
}

TEST_F(CardTest, NamesThatNeedQuoting)
{
    source("select", directory_.write("it's \"odd\".csv", "a\"\"b,it's\n1,2\n"));
    source("a-b", directory_.write("a[1].csv", "x\n7\n"));
    directory_.write("a1.csv", "x\n8\n");
    EXPECT_EQ(body("SELECT \"it's\" FROM \"select\", \"a-b\" WHERE x = 7"), R"([{"it's":2}])");
}

TEST_F(CardTest, JsonSources)
{
    source("lines", directory_.write("l.json", "{\"a\":1}\n{\"a\":2}\n"), "json");
    source("list", directory_.write("m.json", R"([{"a":1,"b":{"c":[1]}},{"a":2}])"), "json");
    EXPECT_EQ(body("SELECT a FROM lines"), R"([{"a":1},{"a":2}])");
    EXPECT_EQ(body("SELECT * FROM list"), R"([{"a":1,"b":{"c":[1]}},{"a":2,"b":null}])");
    directory_.write("l.json", "{\"a\":1}\n{\"a\":");
    EXPECT_THAT(error("SELECT a FROM lines"),
                AllOf(HasSubstr("source \"lines\""), HasSubstr("l.json")));
}

/// Without the bound DuckDB's stack overflows, and the process is gone.
TEST_F(CardTest, FilesThatAreNestedTooDeep)
{
    const std::string deep(100'000, '[');
    source("list", directory_.write("a.json", deep), "json");
    EXPECT_THAT(error("SELECT * FROM list"),
                AllOf(HasSubstr("source \"list\""), HasSubstr("a.json: is nested deeper than 64")));
    // Behind what DuckDB looks at to find the format out.
    std::string lines;
    for (int i = 0; i < 10'000; ++i) {
        lines += "{\"a\": [1]}\n";
    }
    card_.sources.clear();
    source("lines", directory_.write("l.json", lines + "{\"a\": " + deep + "\n"), "json");
    EXPECT_THAT(error("SELECT * FROM lines"), HasSubstr("l.json: is nested deeper than 64"));

    namespace parquet = sources::test;
    card_.sources.clear();
    const auto file = parquet::parquet_file(parquet::metadata(parquet::nested(20'000)));
    source("groups", directory_.write("p.parquet", file), "parquet");
    EXPECT_THAT(error("SELECT * FROM groups"), HasSubstr("p.parquet: its columns are nested"));
}

TEST_F(CardTest, ParquetThatIsNone)
{
    source("p", directory_.write("p.parquet", "this is not a Parquet file, is it?"), "parquet");
    EXPECT_THAT(error("SELECT * FROM p"), AllOf(HasSubstr("source \"p\""), HasSubstr("p.parquet")));
}

TEST_F(CardTest, ALateFractionIsNotRounded)
{
    config::Source& csv = source("s", directory_.write("s.csv", many_rows("1.5,2026-01-02\n")));
    EXPECT_THAT(error("SELECT sum(n) FROM s"),
                AllOf(HasSubstr("column \"n\""), HasSubstr("\"1.5\""), HasSubstr("\"types\"")));
    EXPECT_EQ(body("SELECT count(*) FROM s", Shape::value), "400001");
    csv.types = {{"n", "DOUBLE"}};
    EXPECT_EQ(body("SELECT min(n) FROM s", Shape::value), "1.5");
}

TEST_F(CardTest, ALateTimeOfDayIsNotCutOff)
{
    source("s", directory_.write("s.csv", many_rows("1,2026-01-02 03:04:05\n")));
    EXPECT_THAT(error("SELECT max(d) FROM s"), HasSubstr("TIMESTAMP"));
}

TEST_F(CardTest, LateWholeNumbersKeepEveryDigit)
{
    source("s", directory_.write("s.csv", many_rows("-9223372036854775808,\n,2026-01-03\n")));
    EXPECT_EQ(body("SELECT min(n) AS low, max(d) AS late FROM s", Shape::columns),
              R"({"low":[-9223372036854775808],"late":["2026-01-03"]})");
}

TEST_F(CardTest, SmallFilesAreLookedAtWhole)
{
    std::string csv = "n\n";
    for (int i = 0; i < 30'000; ++i) {
        csv += "1\n";
    }
    source("s", directory_.write("s.csv", csv + "1.5\n"));
    EXPECT_EQ(body("SELECT max(n) FROM s", Shape::value), "1.5");
}

}  // namespace
}  // namespace gatehouse::app
