// Cards over directories that are columns: year=2026/month=7.
#include <chrono>
#include <cstdio>

#include "sidecar/app/card_test.h"
#include "sidecar/engine/ingest.h"

namespace gatehouse::app {
namespace {

class PartitionsTest : public CardTest {
protected:
    /// Two directories with one row each.
    config::Source& partitioned(const std::string& kind, const std::string& ending,
                                const std::string& first, const std::string& second)
    {
        directory_.write("year=2025/month=07/f" + ending, first);
        directory_.write("year=2026/month=01/f" + ending, second);
        return source("s", directory_ / ("year=*/month=*/*" + ending), kind);
    }

    void write_parquet(const std::string& name, int value)
    {
        source("c", directory_.write("c.csv", "n\n" + std::to_string(value) + "\n"));
        directory_.write(name, "");
        std::remove((directory_ / name).c_str());
        const auto files = sources::fingerprint(config_.sources.at("c"));
        const auto relation = sources::relation(config_.sources.at("c"), *files);
        const auto made = engine::to_parquet(
            {*relation, config_.engine, {}, std::chrono::seconds{10}}, directory_ / name);
        ASSERT_TRUE(made) << made.error().message;
        card_.sources.clear();
        config_.sources.clear();
    }
};

TEST_F(PartitionsTest, AreNoColumnsUnlessItIsSaid)
{
    partitioned("csv", ".csv", "n\n1\n", "n\n2\n");
    EXPECT_EQ(body("SELECT * FROM s ORDER BY n"), R"([{"n":1},{"n":2}])");
}

TEST_F(PartitionsTest, OfCsv)
{
    partitioned("csv", ".csv", "n\n1\n", "n\n2\n").hive_partitioning = true;
    EXPECT_EQ(body("SELECT * FROM s ORDER BY n"),
              R"([{"n":1,"month":"07","year":2025},{"n":2,"month":"01","year":2026}])")
        << "a number with a zero before it is a text";
    EXPECT_EQ(body("SELECT n FROM s WHERE year = 2026"), R"([{"n":2}])");
}

TEST_F(PartitionsTest, Typed)
{
    config::Source& csv = partitioned("csv", ".csv", "n\n1\n", "n\n2\n");
    csv.hive_partitioning = true;
    csv.hive_types = {{"month", "TINYINT"}, {"year", "DOUBLE"}};
    EXPECT_EQ(body("SELECT * FROM s ORDER BY n"),
              R"([{"n":1,"month":7,"year":2025.0},{"n":2,"month":1,"year":2026.0}])");
    csv.hive_types = {{"month", "DATE"}};
    EXPECT_THAT(error("SELECT * FROM s"),
                AllOf(AnyOf(HasSubstr("07"), HasSubstr("01")), HasSubstr("DATE")));
    csv.hive_types = {{"day", "INTEGER"}};
    EXPECT_THAT(error("SELECT * FROM s"), HasSubstr("day"));
}

/// The types of columns that are in the text are guessed and then confirmed; these are not.
TEST_F(PartitionsTest, OfCsvWhoseTypesAreConfirmed)
{
    partitioned("csv", ".csv", many_rows(""), many_rows("")).hive_partitioning = true;
    EXPECT_EQ(
        body("SELECT year, month, count(*) AS rows FROM s GROUP BY ALL ORDER BY year"),
        R"([{"year":2025,"month":"07","rows":400000},{"year":2026,"month":"01","rows":400000}])");
}

TEST_F(PartitionsTest, OfJson)
{
    partitioned("json", ".ndjson", "{\"n\": 1}\n", "{\"n\": 2}\n").hive_partitioning = true;
    EXPECT_EQ(body("SELECT n, year FROM s ORDER BY n"),
              R"([{"n":1,"year":2025},{"n":2,"year":2026}])");
}

TEST_F(PartitionsTest, OfParquet)
{
    write_parquet("year=2025/p.parquet", 1);
    write_parquet("year=2026/p.parquet", 2);
    config::Source& parquet = source("s", directory_ / "year=*/*.parquet", "parquet");
    EXPECT_EQ(body("SELECT * FROM s ORDER BY n"), R"([{"n":1},{"n":2}])");
    parquet.hive_partitioning = true;
    parquet.hive_types = {{"year", "INTEGER"}};
    EXPECT_EQ(body("SELECT * FROM s ORDER BY n"), R"([{"n":1,"year":2025},{"n":2,"year":2026}])");
}

}  // namespace
}  // namespace gatehouse::app
