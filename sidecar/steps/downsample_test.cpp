#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "sidecar/steps/steps.h"

namespace gatehouse::steps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

config::Step downsample(double points)
{
    return {"downsample", {{"method", "nth"}}, {{"points", points}}};
}

std::vector<double> kept(std::size_t rows, double points)
{
    std::vector<double> values(rows);
    std::iota(values.begin(), values.end(), 0.0);
    const std::vector<config::Step> steps{downsample(points)};
    const auto table = steps::apply(steps, sidecar::Table::of_numbers({"x"}, {values}));
    return table ? *table->numbers(0) : std::vector<double>{-1};
}

TEST(Downsample, KeepsEveryNthRowFromTheFirst)
{
    EXPECT_THAT(kept(10, 5), ElementsAre(0, 2, 4, 6, 8));
    EXPECT_THAT(kept(10, 4), ElementsAre(0, 3, 6, 9));
    EXPECT_THAT(kept(10, 3), ElementsAre(0, 4, 8));
    EXPECT_THAT(kept(10, 1), ElementsAre(0));
    EXPECT_THAT(kept(3, 10), ElementsAre(0, 1, 2));
    EXPECT_THAT(kept(0, 10), ElementsAre());
}

TEST(Downsample, NeverKeepsMoreThanPoints)
{
    for (std::size_t rows = 0; rows < 200; ++rows) {
        for (int points = 1; points < 60; ++points) {
            const std::size_t count = kept(rows, points).size();
            ASSERT_LE(count, static_cast<std::size_t>(points)) << rows;
            // n = ceil(rows / points) leaves ceil(rows / n) rows.
            const std::size_t n = (rows + points - 1) / points;
            ASSERT_EQ(count, n == 0 ? 0 : (rows + n - 1) / n) << rows << " " << points;
        }
    }
}

TEST(Downsample, TwiceIsAsOftenAsBoth)
{
    std::vector<double> values(100);
    std::iota(values.begin(), values.end(), 0.0);
    const std::vector<config::Step> steps{downsample(10), downsample(5)};
    const auto table = steps::apply(steps, sidecar::Table::of_numbers({"x"}, {values}));
    ASSERT_TRUE(table);
    EXPECT_THAT(*table->numbers(0), ElementsAre(0, 20, 40, 60, 80));
}

std::string refusal(const config::Step& step)
{
    const Result<void> checked = check(step);
    return checked ? "" : checked.error().message;
}

TEST(Steps, Check)
{
    EXPECT_EQ(refusal(downsample(500)), "");
    EXPECT_EQ(refusal({"downsample", {}, {{"points", 500}}}), "");
    EXPECT_THAT(refusal({"downsample", {}, {}}), HasSubstr("\"points\" is missing"));
    EXPECT_THAT(refusal(downsample(0)), HasSubstr("whole number from 1"));
    EXPECT_THAT(refusal(downsample(1.5)), HasSubstr("whole number from 1"));
    EXPECT_THAT(refusal(downsample(1e300)), HasSubstr("whole number from 1"));
    EXPECT_EQ(refusal({"downsample", {{"method", "every_nth"}}, {{"points", 5}}}), "");
    EXPECT_THAT(refusal({"downsample", {{"method", "ltb"}}, {{"points", 5}}}),
                HasSubstr("method \"ltb\""));
    EXPECT_THAT(refusal({"downsample", {{"y", "Time"}}, {{"points", 5}}}),
                HasSubstr("option \"y\""));
    EXPECT_THAT(refusal({"upsample", {}, {}}), HasSubstr("step \"upsample\" is not known"));
}

}  // namespace
}  // namespace gatehouse::steps
