#include "sidecar/steps/moments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "sidecar/base/gather.h"
#include "sidecar/steps/principal.h"
#include "sidecar/steps/products.h"
#include "sidecar/steps/ranks.h"

namespace gatehouse::steps {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Matrix = std::vector<std::vector<double>>;

std::unique_ptr<Moments> moments_of(const Matrix& columns, Missing missing, std::size_t batch = 700)
{
    std::vector<std::string> names;
    Indices chosen;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        names.push_back("c" + std::to_string(i));
        chosen.push_back(i);
    }
    auto moments =
        Moments::make(sidecar::Table::of_numbers(names, columns).columns(), chosen, missing);
    for (std::size_t begin = 0; begin < columns[0].size(); begin += batch) {
        Matrix part;
        for (const auto& column : columns) {
            const std::size_t end = std::min(column.size(), begin + batch);
            part.emplace_back(column.begin() + static_cast<std::ptrdiff_t>(begin),
                              column.begin() + static_cast<std::ptrdiff_t>(end));
        }
        const auto table = sidecar::Table::of_numbers(names, part);
        EXPECT_TRUE(moments->append(sidecar::views_of(table), table.rows()));
    }
    return moments;
}

/// By the definition, in long double, of the rows in which both are finite.
double correlation_of(const std::vector<double>& a, const std::vector<double>& b)
{
    long double n = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (int pass = 0; pass < 2; ++pass) {
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (!std::isfinite(a[i]) || !std::isfinite(b[i])) {
                continue;
            }
            if (pass == 0) {
                n += 1;
                ma += a[i];
                mb += b[i];
            } else {
                aa += (a[i] - ma) * (a[i] - ma);
                bb += (b[i] - mb) * (b[i] - mb);
                ab += (a[i] - ma) * (b[i] - mb);
            }
        }
        if (pass == 0) {
            ma /= n;
            mb /= n;
        }
    }
    return static_cast<double>(ab / std::sqrt(aa) / std::sqrt(bb));
}

Matrix random_columns(std::size_t rows, std::size_t columns, double gaps, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform;
    Matrix out(columns, std::vector<double>(rows));
    for (std::size_t row = 0; row < rows; ++row) {
        const double common = normal(random);
        for (auto& column : out) {
            column[row] = uniform(random) < gaps ? nan : 1000 + common + normal(random);
        }
    }
    return out;
}

TEST(Moments, CorrelationIsTheDefinitions)
{
    for (const double gaps : {0.0, 0.001, 0.3}) {
        const Matrix columns = random_columns(7001, 6, gaps, 3);
        const auto moments = moments_of(columns, Missing::pairwise);
        ASSERT_TRUE(moments->settle());
        for (std::size_t i = 0; i < 6; ++i) {
            for (std::size_t j = 0; j < 6; ++j) {
                EXPECT_NEAR(moments->correlation(i, j), correlation_of(columns[i], columns[j]),
                            1e-12);
            }
        }
    }
}

TEST(Moments, ALargeStepBetweenBlocksDrownsNothing)
{
    Matrix columns = random_columns(6000, 3, 0, 5);
    for (auto& column : columns) {
        for (std::size_t row = 0; row < 2500; ++row) {
            column[row] += 1e9;
        }
    }
    const auto moments = moments_of(columns, Missing::complete);
    ASSERT_TRUE(moments->settle());
    EXPECT_NEAR(moments->correlation(0, 1), correlation_of(columns[0], columns[1]), 1e-12);
}

TEST(Moments, SizesDoNotMatter)
{
    Matrix columns = random_columns(3000, 4, 0.01, 6);
    const auto plain = moments_of(columns, Missing::pairwise);
    const std::vector<int> powers{1000, -1000, 400, 0};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (double& value : columns[i]) {
            value = std::ldexp(value, powers[i]);
        }
    }
    const auto sized = moments_of(columns, Missing::pairwise);
    ASSERT_TRUE(plain->settle());
    ASSERT_TRUE(sized->settle());
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(sized->correlation(i, 3), plain->correlation(i, 3), 1e-14);
    }
}

TEST(Moments, AConstantColumnHasNoCorrelation)
{
    const auto moments = moments_of(
        {std::vector<double>(5000, 0.1), random_columns(5000, 1, 0, 1)[0]}, Missing::pairwise);
    ASSERT_TRUE(moments->settle());
    EXPECT_TRUE(std::isnan(moments->correlation(0, 1)));
    EXPECT_TRUE(std::isnan(moments->correlation(0, 0)));
    EXPECT_EQ(moments->correlation(1, 1), 1);
}

TEST(Moments, MissingValuesAreAnErrorWhenAskedFor)
{
    const auto moments = moments_of({{1, 2, nan}, {1, 2, 3}}, Missing::fail);
    const auto settled = moments->settle();
    ASSERT_FALSE(settled);
    EXPECT_EQ(settled.error().message.substr(0, 35), "a value is missing in column \"c0\"; ");
}

TEST(Moments, PairwiseKnowsTheWholeRowsToo)
{
    const Matrix columns{{1, 2, nan, 4, 9}, {2, nan, 6, 8, 7}};
    const auto moments = moments_of(columns, Missing::pairwise, 2);
    ASSERT_TRUE(moments->settle());
    EXPECT_EQ(moments->rows(), 3u);
    EXPECT_NEAR(moments->mean(0), 14.0 / 3, 1e-12);
}

TEST(Products, EveryProcessorSumsTheSame)
{
    std::mt19937_64 random(2);
    std::vector<float> cells(8 * 64);
    for (float& cell : cells) {
        cell = static_cast<float>(random() % 100);
    }
    const Columns2d<float> block{cells.data(), 64, 8, 64};
    for (const auto width : {simd::Width::bytes16, simd::Width::bytes32, simd::Width::bytes64}) {
        if (width > simd::width()) {
            continue;
        }
        std::vector<double> sums(64);
        products(block, block, false, sums.data(), width);
        double expected = 0;
        for (std::size_t row = 0; row < 64; ++row) {
            expected += static_cast<double>(cells[2 * 64 + row]) * cells[7 * 64 + row];
        }
        EXPECT_EQ(sums[2 * 8 + 7], expected);
        EXPECT_EQ(sums[7 * 8 + 2], expected);
    }
}

TEST(Ranks, EqualValuesShareTheirs)
{
    // Ranks 1 2.5 2.5 4 and 4 3 1.5 1.5: products of the differences from 2.5 are
    // -2.25 + 0 + 0 - 1.5 = -3.75, squares 4.5 and 4.5.
    const RankedColumns ranked({{1, 5, 5, 9}, {8, 7, 2, 2}});
    EXPECT_DOUBLE_EQ(ranked.correlation(0, 1), -3.75 / 4.5);
    const RankedColumns gappy({{1, nan, 2, 3}, {3, 0, 2, 1}});
    EXPECT_DOUBLE_EQ(gappy.correlation(0, 1), -1);
}

TEST(Principal, OfALine)
{
    // Along (3, -4) / 5: the larger magnitude becomes positive.
    const auto moments = moments_of({{0, 3, 6}, {0, -4, -8}}, Missing::complete);
    ASSERT_TRUE(moments->settle());
    const Principal fit = principal(*moments, 2, 2, false);
    EXPECT_NEAR(fit.loadings[0][0], -0.6, 1e-12);
    EXPECT_NEAR(fit.loadings[0][1], 0.8, 1e-12);
    EXPECT_NEAR(fit.variances[0], 25, 1e-12);
    EXPECT_NEAR(fit.ratios[0], 1, 1e-12);
    EXPECT_NEAR(fit.ratios[1], 0, 1e-12);
}

}  // namespace
}  // namespace gatehouse::steps
