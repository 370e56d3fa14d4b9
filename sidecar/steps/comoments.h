// The sums that blocks of rows are merged into. Internal to moments.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

namespace gatehouse::steps {

/// What one block comes to. `products` are of differences from the block's means, each divided by
/// its column's factor, a power of two.
struct BlockSums {
    double rows = 0;
    std::vector<double> means;
    std::vector<double> factors;
    std::vector<double> products;  ///< [i * stride + j], where j >= i
    std::size_t stride = 0;
};

/// The same where values are missing: for each pair the rows that have both. `values` and `squares`
/// are sums over those rows of differences from `means` and of their squares.
struct BlockPairs {
    std::vector<double> means, factors;
    std::vector<double> rows, values, squares, products;  ///< [i * stride + j], all pairs
    std::size_t stride = 0;
};

class Comoments {
public:
    explicit Comoments(std::size_t columns);

    /// Rows without anything missing; `to_pairs`: they count for the pairs as well.
    void merge(const BlockSums& block, bool to_pairs = true);

    /// For the pairs only.
    void merge(const BlockPairs& block);

    /// Of the pairs; everything else is of the rows without anything missing.
    double correlation(std::size_t i, std::size_t j) const noexcept;
    double rows() const noexcept { return rows_; }
    double mean(std::size_t i) const noexcept { return means_[i] * units_[i]; }
    double unit(std::size_t i) const noexcept { return units_[i]; }
    double comoment(std::size_t i, std::size_t j) const noexcept
    {
        return i <= j ? products_[i * columns_ + j] : products_[j * columns_ + i];
    }

private:
    /// Of one pair of columns, in their units.
    struct Pair {
        double rows = 0;
        double mean_i = 0, mean_j = 0;
        double square_i = 0, square_j = 0, product = 0;

        void merge(const Pair& other) noexcept;
    };

    void fit_unit(std::size_t i, double size);
    void fit_units(const std::vector<double>& means, const std::vector<double>& factors);
    void split_into_pairs();
    Pair& pair(std::size_t i, std::size_t j) { return pairs_[i * columns_ + j]; }

    std::size_t columns_;
    double rows_ = 0;
    std::vector<double> units_;     ///< 0: nothing but zeros so far
    std::vector<double> means_;     ///< in units
    std::vector<double> products_;  ///< [i * columns + j], where j >= i
    std::vector<Pair> pairs_;       ///< the same; empty until a value is missing
};

}  // namespace gatehouse::steps
