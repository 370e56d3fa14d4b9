// Spearman's coefficient: Pearson's of the ranks, equal values sharing the mean of theirs.
//
// Thread safety: immutable once made.
#pragma once

#include <cstdint>
#include <vector>

namespace gatehouse::steps {

class RankedColumns {
public:
    /// NaN stands for a missing value. REQUIRES: all columns are of one length, below 2^32.
    explicit RankedColumns(std::vector<std::vector<double>> columns);

    /// Of the rows that have both values, ranked among themselves. NaN where one of the columns has
    /// no variance or there are too few values.
    double correlation(std::size_t i, std::size_t j) const;

private:
    /// Ranks of the rows that have a value in `beside` too; 0 for others.
    std::vector<double> ranks(std::size_t of, std::size_t beside) const;

    std::vector<std::vector<double>> columns_;
    std::vector<std::vector<std::uint32_t>> order_;  ///< of each column, without missing values
    std::vector<std::vector<double>> own_ranks_;     ///< among all values of the column
};

}  // namespace gatehouse::steps
