// Steps that take rows in, over tables made by hand.
#include "sidecar/steps/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "sidecar/base/gather.h"
#include "sidecar/steps/make_table.h"
#include "sidecar/steps/reservoir.h"

namespace gatehouse::steps {
namespace {

using sidecar::Table;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Table readings()
{
    TableMaker maker(5);
    maker.add("station",
              cells_of(std::vector<std::string>{"a", "b", "a", "a station far away", "b"}));
    maker.add("n", cells_of(std::vector<std::int64_t>{1, 2, 3, 4, 5}));
    return std::move(maker.add("t", cells_of(std::vector<double>{1, 2, 3, NAN, 8}))).done();
}

Result<Table> run(config::Step step, const Table& table = readings())
{
    const std::vector<config::Step> steps{std::move(step)};
    return gatehouse::steps::apply(steps, table);
}

std::string refusal(const config::Step& step)
{
    const Result<void> checked = check(step);
    return checked ? "" : checked.error().message;
}

/// A field of a column of objects.
template <class Cell>
Cell field(const Table& table, const std::string& column, const std::string& name, std::size_t row)
{
    const std::size_t index = *table.column_named(column);
    const auto& fields = table.columns()[index].type.fields;
    const auto place = std::find(fields.begin(), fields.end(), name) - fields.begin();
    return table.vector(index).children[static_cast<std::size_t>(place)].cell<Cell>(row);
}

TEST(Aggregate, FiguresOfAllRows)
{
    config::Step step{"aggregate"};
    step.names["functions"] = {"min", "max", "mean", "first", "final", "sum", "count", "stddev"};
    step.numbers["quantiles"] = {0.5};
    const auto table = run(step);
    ASSERT_TRUE(table) << table.error().message;
    ASSERT_EQ(table->rows(), 1u);
    EXPECT_EQ(field<std::int64_t>(*table, "n", "min", 0), 1);
    EXPECT_EQ(field<std::int64_t>(*table, "n", "final", 0), 5);
    EXPECT_EQ(field<sidecar::Int128>(*table, "n", "sum", 0).lower, 15u);
    EXPECT_DOUBLE_EQ(field<double>(*table, "t", "max", 0), 8);
    EXPECT_DOUBLE_EQ(field<double>(*table, "t", "mean", 0), 3.5);
    EXPECT_EQ(field<std::int64_t>(*table, "t", "count", 0), 4);
    EXPECT_DOUBLE_EQ(field<double>(*table, "t", "p50", 0), 2.5);
    // Differences from 3.5: 2.5² + 1.5² + 0.5² + 4.5² = 29, over 3.
    EXPECT_DOUBLE_EQ(field<double>(*table, "t", "stddev", 0), std::sqrt(29.0 / 3));
}

TEST(Aggregate, GroupsInOrderOfTheirFirstRow)
{
    config::Step step{"aggregate"};
    step.names = {{"functions", {"sum", "final"}}, {"by", {"station"}}};
    const auto table = run(step);
    ASSERT_TRUE(table) << table.error().message;
    ASSERT_EQ(table->rows(), 3u);
    EXPECT_EQ(table->vector(0).cell<sidecar::Text>(2).view(), "a station far away");
    EXPECT_EQ(field<sidecar::Int128>(*table, "n", "sum", 0).lower, 4u);
    EXPECT_EQ(field<double>(*table, "t", "final", 1), 8);
    EXPECT_TRUE(std::isnan(field<double>(*table, "t", "final", 2)));
}

TEST(Aggregate, ValuesByNamesOfOnesOwn)
{
    config::Step step{"aggregate"};
    step.values = {{"stability", {{"issues", "sum(n)"}, {"where", "final(station)"}}}};
    const auto table = run(step);
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->columns().size(), 1u);
    EXPECT_EQ(field<sidecar::Int128>(*table, "stability", "issues", 0).lower, 15u);
    EXPECT_EQ(field<sidecar::Text>(*table, "stability", "where", 0).view(), "b");
}

TEST(Aggregate, OfNoRows)
{
    const Table none = Table::of_numbers({"x"}, {{}});
    config::Step step{"aggregate"};
    step.names["functions"] = {"count", "max"};
    const auto table = run(step, none);
    ASSERT_TRUE(table);
    ASSERT_EQ(table->rows(), 1u);
    EXPECT_EQ(field<std::int64_t>(*table, "x", "count", 0), 0);
    EXPECT_TRUE(std::isnan(field<double>(*table, "x", "max", 0)));
}

TEST(Aggregate, Refusals)
{
    config::Step bad{"aggregate"};
    bad.names["functions"] = {"median", "p101"};
    EXPECT_THAT(refusal(bad), HasSubstr("function \"p101\""));
    config::Step value{"aggregate"};
    value.values = {{"a", {{"b", "max of n"}}}};
    EXPECT_THAT(refusal(value), HasSubstr("\"max(column)\""));
    config::Step text{"aggregate"};
    text.values = {{"a", {{"b", "max(station)"}}}};
    EXPECT_THAT(run(text).error().message, HasSubstr("cannot be made of column \"station\""));
    config::Step missing{"aggregate"};
    missing.names["columns"] = {"m"};
    EXPECT_THAT(run(missing).error().message, HasSubstr("there is no column \"m\""));
}

TEST(ClassMeans, MeansAndRowsOfEachClass)
{
    config::Step step{"class_means", {{"label", "station"}}, {{"samples", 2}}};
    const auto table = run(step);
    ASSERT_TRUE(table) << table.error().message;
    ASSERT_EQ(table->rows(), 3u) << "a, a station far away, b";
    EXPECT_EQ(table->vector(1).cell<std::int64_t>(0), 2);
    const auto& means = table->vector(2).children[0];
    EXPECT_EQ(means.cell<double>(0), 2) << "n of a";
    EXPECT_EQ(means.cell<double>(1), 2) << "t of a";
    EXPECT_TRUE(std::isnan(means.cell<double>(3))) << "t of the station far away";
    const auto& values = table->vector(3).children[0].children[0];
    EXPECT_EQ(values.cell<double>(0), 1);
    EXPECT_EQ(values.cell<double>(2), 3) << "the second row of a";
}

TEST(Reservoir, EveryRowHasTheSameChance)
{
    std::vector<int> chosen(40);
    for (std::uint64_t seed = 0; seed < 8000; ++seed) {
        Reservoir reservoir(5, seed);
        std::vector<std::size_t> kept(5);
        for (std::size_t row = 0; row < 40; ++row) {
            if (reservoir.skip() == 0) {
                kept[reservoir.choose()] = row;
            } else {
                reservoir.pass(1);
            }
        }
        for (const std::size_t row : kept) {
            ++chosen[row];
        }
    }
    // Each 1000 times, give or take: the standard deviation is below 30.
    for (const int times : chosen) {
        EXPECT_NEAR(times, 1000, 150);
    }
}

TEST(Parts, BranchesSeeTheSameRows)
{
    config::Step step{"parts"};
    config::Step correlation{"correlation", {{"output", "pairs"}}};
    config::Step figures{"aggregate"};
    figures.names["functions"] = {"count"};
    step.branches = {{"go_together", {correlation}}, {"figures", {figures}}, {"rows", {}}};
    const auto table = run(step);
    ASSERT_TRUE(table) << table.error().message;
    ASSERT_EQ(table->rows(), 1u);
    EXPECT_EQ(table->columns()[0].type.id, sidecar::TypeId::list);
    EXPECT_EQ(table->columns()[1].type.id, sidecar::TypeId::structure);
    EXPECT_EQ(table->vector(2).cell<sidecar::ListEntry>(0).length, 5u);
    config::Step bad{"parts"};
    bad.branches = {{"a", {config::Step{"downsample"}}}};
    EXPECT_THAT(refusal(bad), HasSubstr("\"a\": step \"downsample\": \"points\" is missing"));
}

TEST(Downsample, EachSeriesOnItsOwn)
{
    config::Step step{
        "downsample", {{"method", "minmax"}, {"align", "each"}, {"x", "n"}}, {{"points", 2}}};
    step.names["columns"] = {"t"};
    const auto table = run(step);
    ASSERT_TRUE(table) << table.error().message;
    std::vector<std::string> names;
    for (const auto& column : table->columns()) {
        names.push_back(column.name);
    }
    EXPECT_THAT(names, ElementsAre("series", "n", "value", "station"));
    EXPECT_THAT(*table->numbers(1), ElementsAre(1, 4, 5)) << "least, the gap, greatest";
}

TEST(Downsample, MeansOfDatesAreDates)
{
    Cells days;
    days.type.id = sidecar::TypeId::date;
    days.vector.data.resize(16);
    for (std::int32_t i = 0; i < 4; ++i) {
        std::memcpy(days.vector.data.data() + 4 * i, &i, 4);
    }
    TableMaker maker(4);
    maker.add("day", std::move(days));
    const Table table = std::move(maker.add("y", cells_of(std::vector<double>{1, 3, 5, 9}))).done();
    const auto means =
        run({"downsample", {{"method", "mean"}, {"x", "day"}}, {{"points", 2}}}, table);
    ASSERT_TRUE(means) << means.error().message;
    EXPECT_EQ(means->columns()[0].type.id, sidecar::TypeId::date);
    EXPECT_EQ(means->vector(0).cell<std::int32_t>(1), 2);
    EXPECT_THAT(*means->numbers(1), ElementsAre(2, 7));
}

}  // namespace
}  // namespace gatehouse::steps
