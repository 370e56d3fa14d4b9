// Means and co-moments of columns in one pass: what correlation and principal components are made
// of.
//
// Rows are collected into blocks. Each block is centred on its own means, so that no large common
// part drowns the differences, multiplied with itself, and merged by the pairwise update of Chan,
// Golub and LeVeque (Updating Formulae and a Pairwise Algorithm for Computing Sample Variances,
// 1979). Columns that are all FLOAT are multiplied as floats, at most 2048 rows at a time, and
// summed as doubles.
//
// A value that is NULL, NaN or infinite is missing.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sidecar/base/reducer.h"
#include "sidecar/steps/options.h"

namespace gatehouse::steps {

enum class Missing {
    pairwise,  ///< each pair of columns uses the rows that have both
    complete,  ///< rows that lack any value are left out
    fail,      ///< an error
};

class Moments {
public:
    static constexpr std::size_t most_columns = 1024;

    /// REQUIRES: 1 to most_columns columns, each of numbers.
    static std::unique_ptr<Moments> make(Columns columns, const Indices& chosen, Missing missing);

    virtual ~Moments() = default;

    virtual Result<void> append(std::span<const sidecar::VectorView> views, std::uint64_t rows) = 0;

    /// Has what was appended last take part. Must come before what follows.
    virtual Result<void> settle() = 0;

    /// From Missing::complete to Missing::pairwise. REQUIRES: nothing was appended yet.
    virtual void allow_pairs() noexcept = 0;

    /// Pearson's coefficient; NaN where a column has no variance or too few values.
    virtual double correlation(std::size_t i, std::size_t j) const noexcept = 0;

    /// These are of the rows without anything missing, whatever Missing says. A co-moment is the
    /// sum of the products of two columns' differences from their means, each divided by the
    /// column's unit, a power of two.
    virtual std::uint64_t rows() const noexcept = 0;
    virtual double mean(std::size_t i) const noexcept = 0;
    virtual double comoment(std::size_t i, std::size_t j) const noexcept = 0;
    virtual double unit(std::size_t i) const noexcept = 0;
};

/// The moments that the steps of one pass need, each kind once.
class SharedMoments {
public:
    explicit SharedMoments(Columns columns) : columns_(columns.begin(), columns.end()) {}

    /// For all that moments say.
    std::shared_ptr<Moments> of(const Indices& chosen, Missing missing);

    /// For what they say of the rows without anything missing.
    std::shared_ptr<Moments> of_whole_rows(const Indices& chosen);

    Result<void> append(std::span<const sidecar::VectorView> views, std::uint64_t rows);

private:
    struct Made {
        Indices chosen;
        Missing missing;
        bool whole_rows;  ///< nobody asks for more
        std::shared_ptr<Moments> moments;
    };

    std::vector<sidecar::Column> columns_;
    std::vector<Made> made_;
};

}  // namespace gatehouse::steps
