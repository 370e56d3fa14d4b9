#include "sidecar/steps/choose_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "sidecar/steps/extremes.h"

namespace gatehouse::steps {
namespace {

using ::testing::ElementsAre;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Rows rows_of(Method method, const std::vector<double>& y, std::uint64_t points,
             const std::vector<double>& x = {})
{
    return choose_rows(method, {x, {y}}, points);
}

std::vector<simd::Width> widths()
{
    std::vector<simd::Width> all{simd::Width::bytes16};
    for (const auto width : {simd::Width::bytes32, simd::Width::bytes64}) {
        if (width <= simd::width()) {
            all.push_back(width);
        }
    }
    return all;
}

TEST(ChooseRows, LargestTrianglesByHand)
{
    // Parts {1, 2} and {3, 4} between the ends. From (0, 0) to the mean (3.5, 1) of the second:
    // row 1 at (1, 5) makes |-3.5 * 5 + 1 * 1| = 16.5, row 2 at (2, 1) |-3.5 + 2| = 1.5. From (1,
    // 5) to the end (5, 0): row 3 at (3, 0) |-4 * -5 + 5 * -2| = 10, row 4 at (4, 2) |12 - 15| = 3.
    EXPECT_THAT(rows_of(Method::lttb, {0, 5, 1, 0, 2, 0}, 4), ElementsAre(0, 1, 3, 5));
    EXPECT_THAT(rows_of(Method::lttb, {0, 0, 0, 0, 9, 0, 0}, 3), ElementsAre(0, 4, 6));
}

TEST(ChooseRows, ExtremesByHand)
{
    const std::vector<double> y{3, 1, 4, 1, 5, 9, 2, 6};
    EXPECT_THAT(rows_of(Method::minmax, y, 4), ElementsAre(1, 2, 5, 6));
    EXPECT_THAT(rows_of(Method::m4, y, 7), ElementsAre(0, 1, 5, 7)) << "one width, as 7 / 4 is 1";
    EXPECT_THAT(rows_of(Method::m4, {1, 2, 0, 1, 7, 9, 6, 8, 8, 8}, 8),
                ElementsAre(0, 2, 4, 5, 6, 9))
        << "rows 0 to 4, and 5 to 9";
}

TEST(ChooseRows, WidthsOfXAreEqualNotTheirRows)
{
    const std::vector<double> x{0, 1, 2, 3, 4, 5, 6, 7, 8, 100};
    const std::vector<double> y{0, 1, 9, 1, 1, 1, -9, 1, 2, 3};
    EXPECT_THAT(rows_of(Method::m4, y, 8, x), ElementsAre(0, 2, 6, 8, 9));
    const std::vector<double> same(10, 4.0);
    EXPECT_THAT(rows_of(Method::m4, y, 8, same), ElementsAre(0, 2, 6, 9));
}

TEST(ChooseRows, AGapKeepsARow)
{
    std::vector<double> y(100, 1.0);
    y[10] = 7;
    y[40] = y[41] = y[42] = nan;
    y[70] = infinity;
    for (const Method method : {Method::minmax, Method::m4, Method::lttb, Method::minmaxlttb}) {
        const Rows rows = rows_of(method, y, 8);
        EXPECT_THAT(rows, ::testing::IsSupersetOf(
                              {std::uint64_t{10}, std::uint64_t{40}, std::uint64_t{70}}));
        EXPECT_THAT(rows, ::testing::Not(::testing::Contains(41)));
        EXPECT_LE(rows.size(), 8u + 2u);
    }
}

TEST(ChooseRows, MoreGapsThanPointsAreThinned)
{
    std::vector<double> y(10'000);
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = i % 2 == 0 ? nan : static_cast<double>(i % 77);
    }
    const Rows rows = rows_of(Method::lttb, y, 50);
    EXPECT_EQ(rows.size(), 100u);
    EXPECT_THAT(rows, ::testing::Contains(0)) << "the first of the first part";
    EXPECT_THAT(rows, ::testing::Contains(200)) << "and of the second";
}

TEST(ChooseRows, NothingButGaps)
{
    EXPECT_THAT(rows_of(Method::lttb, std::vector<double>(50, nan), 5), ElementsAre(0));
    EXPECT_THAT(rows_of(Method::m4, {}, 5), ElementsAre());
    EXPECT_THAT(rows_of(Method::minmax, {nan, nan}, 5), ElementsAre(0, 1)) << "all rows fit";
}

TEST(ChooseRows, SizesDoNotMatter)
{
    std::mt19937_64 random(7);
    std::vector<double> x(3000), y(3000), x_huge(3000), y_huge(3000);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<double>(i);
        y[i] = std::ldexp(static_cast<double>(random() >> 11), -53);
        x_huge[i] = std::ldexp(x[i], 1000);
        y_huge[i] = std::ldexp(y[i], 1020);
    }
    for (const Method method : {Method::m4, Method::lttb, Method::minmaxlttb}) {
        EXPECT_EQ(rows_of(method, y, 60, x), rows_of(method, y_huge, 60, x_huge));
    }
}

TEST(ChooseRows, SeriesShareTheirRowsWhateverTheirUnits)
{
    std::vector<double> peak(1000, 0.0), small(1000, 0.0);
    peak[300] = 1e6;
    small[700] = 1e-6;
    for (const Method method : {Method::minmax, Method::m4, Method::lttb, Method::minmaxlttb}) {
        const Rows rows = choose_rows(method, {{}, {peak, small}}, 20);
        EXPECT_THAT(rows, ::testing::IsSupersetOf({std::uint64_t{300}, std::uint64_t{700}}));
        EXPECT_LE(rows.size(), 20u);
    }
}

TEST(ChooseRows, EveryProcessorChoosesTheSame)
{
    std::mt19937_64 random(11);
    for (std::size_t size = 3; size < 700; size += 29) {
        std::vector<double> x(size), y(size);
        for (std::size_t i = 0; i < size; ++i) {
            // Whole numbers: sums are exact in every order.
            x[i] = static_cast<double>(i * 3);
            y[i] = static_cast<double>(random() % 1000);
        }
        const std::uint64_t points = 3 + random() % (size - 2);
        const auto expected = lttb({x, y}, points, simd::Width::bytes16);
        const auto numbered = lttb({{}, y}, points, simd::Width::bytes16);
        const Extremes extreme = extremes(y, simd::Width::bytes16);
        EXPECT_EQ(extreme.least, std::min_element(y.begin(), y.end()) - y.begin());
        EXPECT_EQ(extreme.greatest, std::max_element(y.begin(), y.end()) - y.begin());
        for (const simd::Width width : widths()) {
            EXPECT_EQ(lttb({x, y}, points, width), expected);
            EXPECT_EQ(lttb({{}, y}, points, width), numbered);
            EXPECT_EQ(extremes(y, width).least, extreme.least);
            EXPECT_EQ(extremes(y, width).greatest, extreme.greatest);
        }
    }
}

TEST(Extremes, WhatIsNoNumber)
{
    EXPECT_EQ(extremes(std::vector<double>{}).least, Extremes::none);
    EXPECT_EQ(extremes(std::vector<double>{nan, nan}).greatest, Extremes::none);
    EXPECT_FALSE(extremes(std::vector<double>{nan, 2}).finite);
    EXPECT_EQ(extremes(std::vector<double>{nan, 2}).least, 1u);
    EXPECT_FALSE(extremes(std::vector<double>{1, -infinity}).finite);
    EXPECT_EQ(extremes(std::vector<double>{1, -infinity}).least, 1u);
    EXPECT_EQ(extremes(std::vector<double>{infinity, infinity}).least, 0u);
    EXPECT_TRUE(extremes(std::vector<double>{1e308, -1e308}).finite);
}

}  // namespace
}  // namespace gatehouse::steps
