#include "sidecar/steps/comoments.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatehouse::steps {
namespace {

/// So much larger than its unit may a column become: its square is still a number.
constexpr double most_units = 0x1p300;

double power_of_two(double size) noexcept
{
    return size > 0 && std::isfinite(size) ? std::ldexp(1.0, std::ilogb(size)) : 0;
}

/// A column without any size so far is measured in ones.
double ratio(double factor, double unit) noexcept
{
    return unit > 0 ? factor / unit : 0;
}

}  // namespace

void Comoments::Pair::merge(const Pair& other) noexcept
{
    if (other.rows == 0) {
        return;
    }
    const double all = rows + other.rows;
    const double weight = rows * (other.rows / all);
    const double i = other.mean_i - mean_i, j = other.mean_j - mean_j;
    square_i += other.square_i + i * i * weight;
    square_j += other.square_j + j * j * weight;
    product += other.product + i * j * weight;
    mean_i += i * (other.rows / all);
    mean_j += j * (other.rows / all);
    rows = all;
}

Comoments::Comoments(std::size_t columns)
    : columns_(columns), units_(columns), means_(columns), products_(columns * columns)
{
}

void Comoments::fit_unit(std::size_t i, double size)
{
    const double old = units_[i];
    if (size <= old * most_units) {
        return;
    }
    units_[i] = power_of_two(size);
    const double shrink = ratio(old, units_[i]);
    means_[i] *= shrink;
    for (std::size_t j = 0; j < columns_; ++j) {
        products_[std::min(i, j) * columns_ + std::max(i, j)] *= shrink;
        if (pairs_.empty()) {
            continue;
        }
        Pair& one = pair(std::min(i, j), std::max(i, j));
        one.product *= shrink;
        (i <= j ? one.mean_i : one.mean_j) *= shrink;
        (i <= j ? one.square_i : one.square_j) *= shrink * shrink;
    }
    products_[i * columns_ + i] *= shrink;
    if (!pairs_.empty()) {
        pair(i, i).product *= shrink;
        pair(i, i).mean_j = pair(i, i).mean_i;
        pair(i, i).square_j = pair(i, i).square_i;
    }
}

void Comoments::fit_units(const std::vector<double>& means, const std::vector<double>& factors)
{
    for (std::size_t i = 0; i < columns_; ++i) {
        fit_unit(i, std::max(std::abs(means[i]), factors[i]));
    }
}

void Comoments::merge(const BlockSums& block, bool to_pairs)
{
    if (block.rows == 0) {
        return;
    }
    fit_units(block.means, block.factors);
    const double all = rows_ + block.rows;
    std::vector<double> scale(columns_), mean(columns_), shift(columns_);
    for (std::size_t i = 0; i < columns_; ++i) {
        scale[i] = ratio(block.factors[i], units_[i]);
        mean[i] = ratio(block.means[i], units_[i]);
        shift[i] = mean[i] - means_[i];
        means_[i] += shift[i] * (block.rows / all);
    }
    const double weight = rows_ * (block.rows / all);
    const auto product = [&](std::size_t i, std::size_t j) {
        return block.products[i * block.stride + j] * scale[i] * scale[j];
    };
    for (std::size_t i = 0; i < columns_; ++i) {
        for (std::size_t j = i; j < columns_; ++j) {
            products_[i * columns_ + j] += product(i, j) + shift[i] * shift[j] * weight;
        }
    }
    rows_ = all;
    for (std::size_t i = 0; to_pairs && !pairs_.empty() && i < columns_; ++i) {
        for (std::size_t j = i; j < columns_; ++j) {
            pair(i, j).merge(
                {block.rows, mean[i], mean[j], product(i, i), product(j, j), product(i, j)});
        }
    }
}

void Comoments::split_into_pairs()
{
    pairs_.resize(columns_ * columns_);
    for (std::size_t i = 0; i < columns_; ++i) {
        for (std::size_t j = i; j < columns_; ++j) {
            pair(i, j) = {rows_,          means_[i],      means_[j],
                          comoment(i, i), comoment(j, j), comoment(i, j)};
        }
    }
}

void Comoments::merge(const BlockPairs& block)
{
    if (pairs_.empty()) {
        split_into_pairs();
    }
    fit_units(block.means, block.factors);
    for (std::size_t i = 0; i < columns_; ++i) {
        const double si = ratio(block.factors[i], units_[i]);
        for (std::size_t j = i; j < columns_; ++j) {
            const std::size_t ij = i * block.stride + j, ji = j * block.stride + i;
            const double n = block.rows[ij];
            if (n == 0) {
                continue;
            }
            const double sj = ratio(block.factors[j], units_[j]);
            const double vi = block.values[ij], vj = block.values[ji];
            pair(i, j).merge({n, ratio(block.means[i], units_[i]) + vi / n * si,
                              ratio(block.means[j], units_[j]) + vj / n * sj,
                              std::max(0.0, block.squares[ij] - vi * vi / n) * si * si,
                              std::max(0.0, block.squares[ji] - vj * vj / n) * sj * sj,
                              (block.products[ij] - vi * vj / n) * si * sj});
        }
    }
}

double Comoments::correlation(std::size_t i, std::size_t j) const noexcept
{
    const std::size_t at = std::min(i, j) * columns_ + std::max(i, j);
    const bool whole = pairs_.empty();
    const double product = whole ? products_[at] : pairs_[at].product;
    const double square_i = whole ? comoment(i, i) : pairs_[at].square_i;
    const double square_j = whole ? comoment(j, j) : pairs_[at].square_j;
    if (!(square_i > 0) || !(square_j > 0)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return i == j ? 1 : std::clamp(product / std::sqrt(square_i) / std::sqrt(square_j), -1.0, 1.0);
}

}  // namespace gatehouse::steps
