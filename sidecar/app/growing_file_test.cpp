// CSVs that are read on from their ends, beside the same bytes read as a whole.
#include <fcntl.h>

#include <random>

#include "sidecar/app/card_test.h"

namespace gatehouse::app {
namespace {

class GrowingFileTest : public CardTest {
protected:
    /// What there is in a file, beside the card's own source "s".
    void open(std::string_view bytes)
    {
        path_ = directory_.write("s.csv", bytes);
        config::Source& grows = source("s", path_);
        grows.csv.append = true;
        reopen();
    }

    void reopen()
    {
        auto executors = open_executors(config_);
        ASSERT_TRUE(executors) << executors.error().message;
        executors_ = std::make_unique<Executors>(std::move(*executors));
    }

    void append(std::string_view bytes) const
    {
        std::ofstream{path_, std::ios::binary | std::ios::app} << bytes;
    }

    std::string rows(const std::string& sql = "SELECT * FROM s")
    {
        card_.sql = sql;
        const auto computed = compute_card(*executors_, config_, card_, {}).result;
        return computed ? computed->representations.at(0).body
                        : "error: " + computed.error().message;
    }

    std::string path_;
    std::unique_ptr<Executors> executors_;
};

TEST_F(GrowingFileTest, RowsComeWithTheirLineEnds)
{
    open("a,b\n1,x\n2,y");
    EXPECT_EQ(rows(), R"([{"a":1,"b":"x"}])");
    append("z\n3");
    EXPECT_EQ(rows(), R"([{"a":1,"b":"x"},{"a":2,"b":"yz"}])");
    append(",");
    EXPECT_EQ(rows(), R"([{"a":1,"b":"x"},{"a":2,"b":"yz"}])");
    append("\n");
    EXPECT_EQ(rows(), R"([{"a":1,"b":"x"},{"a":2,"b":"yz"},{"a":3,"b":null}])");
}

TEST_F(GrowingFileTest, AQuotedLineEndIsNone)
{
    open("a,b\n1,\"x\ny\"\n2,\"");
    EXPECT_EQ(rows(), "[{\"a\":1,\"b\":\"x\\ny\"}]");
    append("p\n\"\"q\"\"\n");
    EXPECT_EQ(rows("SELECT count(*) AS n FROM s"), R"([{"n":1}])");
    append("\"\n3,z\n");
    EXPECT_EQ(rows("SELECT b FROM s WHERE a > 1"), R"([{"b":"p\n\"q\"\n"},{"b":"z"}])");
}

TEST_F(GrowingFileTest, AHeaderAloneDecidesOnNoTypes)
{
    open("a\n");
    EXPECT_EQ(rows(), "[]");
    append("1.5\n");
    EXPECT_EQ(rows("SELECT typeof(a) AS t FROM s"), R"([{"t":"DOUBLE"}])");
}

TEST_F(GrowingFileTest, NotEvenAHeaderIsAnError)
{
    open("a,b");
    EXPECT_EQ(rows(), "error: source \"s\": " + path_ + ": has no whole line yet");
    append("\n1,2\n");
    EXPECT_EQ(rows(), R"([{"a":1,"b":2}])");
}

TEST_F(GrowingFileTest, AFileThatShrankIsReadAnew)
{
    open("a\n1\n2\n3\n");
    EXPECT_EQ(rows("SELECT sum(a)::INT AS s FROM s"), R"([{"s":6}])");
    directory_.write("s.csv", "b\n7.5\n");
    EXPECT_EQ(rows("SELECT sum(b) AS s FROM s"), R"([{"s":7.5}])");
}

TEST_F(GrowingFileTest, AnotherFileOfTheSameSizeIsReadAnew)
{
    open("a\n1\n2\n3\n");
    rows();
    fs::rename(directory_.write("new", "a\n4\n5\n6\n"), path_);
    EXPECT_EQ(rows("SELECT sum(a)::INT AS s FROM s"), R"([{"s":15}])");
}

TEST_F(GrowingFileTest, OtherBytesBeforeTheEndInTheSameFileAreReadAnew)
{
    open("a\n1\n2\n3\n");
    rows();
    directory_.write("s.csv", "a\n1\n2\n4\n5\n");
    EXPECT_EQ(rows("SELECT sum(a)::INT AS s FROM s"), R"([{"s":12}])");
}

TEST_F(GrowingFileTest, ARowThatDoesNotFitIsAnErrorWithItsLine)
{
    open("n,x,d\n1,1.5,2026-01-02\n");
    rows();
    const std::string sum = "SELECT sum(n)::INT AS s FROM s";
    append("2,2.5,2026-01-03\n3.5,1,2026-01-04\n4,1,2026-01-05\n");
    EXPECT_THAT(rows(sum), AllOf(HasSubstr("source \"s\": " + path_ +
                                           ": line 4: column \"n\" holds "
                                           "whole numbers in its first rows, but later \"3.5\""),
                                 Not(HasSubstr("/proc"))));
    directory_.write("s.csv", "n,x,d\n1,1.5,2026-01-02\n");
    rows();
    append("2,much,2026-01-03\n");
    EXPECT_THAT(rows(sum),
                AllOf(HasSubstr(path_ + ": line 3: "), HasSubstr("much"), Not(HasSubstr("/proc"))));
    directory_.write("s.csv", "n,x,d\n1,1.5,2026-01-02\n");
    rows();
    append("2,2.5,2026-01-03\n3,3.5\n");
    EXPECT_THAT(rows(sum), HasSubstr(path_ + ": line 4 has 2 columns, the first has 3"));
    directory_.write("s.csv", "n,x,d\n1,1.5,2026-01-02\n2,2.5,2026-01-03\n");
    EXPECT_EQ(rows(sum), R"([{"s":3}])") << "corrected";
}

TEST_F(GrowingFileTest, ARaggedFirstLineIsNamedAsInTheFile)
{
    open("a,b\n1,2\n3\n");
    EXPECT_THAT(rows(), AllOf(HasSubstr(path_ + ": line 3"), Not(HasSubstr("/proc"))));
}

TEST_F(GrowingFileTest, StatedTypesHoldForAllRows)
{
    path_ = directory_.write("s.csv", "a,b\n1,007\n");
    config::Source& grows = source("s", path_);
    grows.csv.append = true;
    grows.columns = {{"a", "DOUBLE"}, {"b", "VARCHAR"}};
    reopen();
    EXPECT_EQ(rows(), R"([{"a":1.0,"b":"007"}])");
    append("2.5,008\n");
    EXPECT_EQ(rows(), R"([{"a":1.0,"b":"007"},{"a":2.5,"b":"008"}])");
}

TEST_F(GrowingFileTest, DatesKeepTheFormThatWasFound)
{
    open("d,t\n31/12/2025,31/12/2025 10:00:00\n");
    const std::string first = rows();
    append("01/02/2026,01/02/2026 11:00:00\n");
    const std::string grown = rows();
    reopen();
    EXPECT_EQ(grown, rows()) << "read as a whole";
    EXPECT_THAT(first, HasSubstr("2025-12-31"));
}

TEST_F(GrowingFileTest, SkippedLinesAndAByteOrderMarkComeBeforeTheHeader)
{
    path_ = directory_.write("s.csv", "\xef\xbb\xbfit's \"a\nnote\na;b\n1;2\n");
    config::Source& grows = source("s", path_);
    grows.csv.append = true;
    grows.csv.skip = 2;
    reopen();
    EXPECT_EQ(rows(), R"([{"a":1,"b":2}])");
    append("3;4\n");
    EXPECT_EQ(rows(), R"([{"a":1,"b":2},{"a":3,"b":4}])");
}

TEST_F(GrowingFileTest, GrownInAnyPiecesItIsWhatItIsAsAWhole)
{
    std::string csv = "id,x,name,at,flag\n";
    std::mt19937 random{7};
    for (int i = 0; i < 3000; ++i) {
        csv += std::to_string(i) + ',' + std::to_string(static_cast<double>(random() % 1000) / 8) +
               ",\"n " + std::to_string(random() % 50) + (i % 7 == 0 ? "\n" : "") + "\",2026-03-0" +
               std::to_string(1 + i % 9) + " 10:00:00," + (i % 2 == 0 ? "true" : "false") + '\n';
    }
    std::size_t at = csv.find('\n', csv.find('\n') + 1) + 40;
    open(std::string_view{csv}.substr(0, at));
    while (at < csv.size()) {
        rows("SELECT count(*) FROM s");
        const auto size = std::min<std::size_t>(1 + random() % 9000, csv.size() - at);
        append(std::string_view{csv}.substr(at, size));
        at += size;
    }
    const std::string grown = rows();
    reopen();
    config_.sources.at("s").csv.append = false;
    reopen();
    EXPECT_EQ(grown, rows());
}

TEST_F(GrowingFileTest, MoreRowsThanThereIsMemoryForAreAnError)
{
    std::string csv = "a,b\n";
    for (int i = 0; i < 100'000; ++i) {
        csv += "1.5,2.5\n";
    }
    open(csv);
    EXPECT_EQ(rows("SELECT count(*) AS n FROM s"), R"([{"n":100000}])");
    config_.engine.memory_limit = 1 << 20;
    EXPECT_THAT(rows(), AllOf(HasSubstr(path_), HasSubstr("memory_limit")));
}

}  // namespace
}  // namespace gatehouse::app
