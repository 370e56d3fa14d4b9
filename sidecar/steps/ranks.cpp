#include "sidecar/steps/ranks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace gatehouse::steps {
namespace {

std::vector<std::uint32_t> order_of(const std::vector<double>& values)
{
    std::vector<std::uint32_t> order;
    for (std::uint32_t row = 0; row < values.size(); ++row) {
        if (!std::isnan(values[row])) {
            order.push_back(row);
        }
    }
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
    return order;
}

}  // namespace

RankedColumns::RankedColumns(std::vector<std::vector<double>> columns)
    : columns_(std::move(columns))
{
    for (const std::vector<double>& values : columns_) {
        order_.push_back(order_of(values));
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        own_ranks_.push_back(ranks(i, i));
    }
}

std::vector<double> RankedColumns::ranks(std::size_t of, std::size_t beside) const
{
    const std::vector<double>& values = columns_[of];
    std::vector<double> out(values.size());
    std::vector<std::uint32_t> equal;
    double before = 0;
    const auto give_ranks = [&] {
        const auto count = static_cast<double>(equal.size());
        for (const std::uint32_t row : equal) {
            out[row] = before + (count + 1) / 2;
        }
        before += count;
        equal.clear();
    };
    for (const std::uint32_t row : order_[of]) {
        if (std::isnan(columns_[beside][row])) {
            continue;
        }
        if (!equal.empty() && values[equal.front()] != values[row]) {
            give_ranks();
        }
        equal.push_back(row);
    }
    give_ranks();
    return out;
}

double RankedColumns::correlation(std::size_t i, std::size_t j) const
{
    const std::size_t rows = columns_[i].size();
    const bool whole = order_[i].size() == rows && order_[j].size() == rows;
    const std::vector<double> mine = whole ? std::vector<double>{} : ranks(i, j);
    const std::vector<double> others = whole ? std::vector<double>{} : ranks(j, i);
    const std::vector<double>& a = whole ? own_ranks_[i] : mine;
    const std::vector<double>& b = whole ? own_ranks_[j] : others;
    const auto count = static_cast<double>(
        std::count_if(a.begin(), a.end(), [](double rank) { return rank > 0; }));
    const double mean = (count + 1) / 2;
    double square_a = 0, square_b = 0, product = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        if (a[row] > 0) {
            square_a += (a[row] - mean) * (a[row] - mean);
            square_b += (b[row] - mean) * (b[row] - mean);
            product += (a[row] - mean) * (b[row] - mean);
        }
    }
    if (!(square_a > 0) || !(square_b > 0)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return i == j ? 1 : std::clamp(product / std::sqrt(square_a) / std::sqrt(square_b), -1.0, 1.0);
}

}  // namespace gatehouse::steps
