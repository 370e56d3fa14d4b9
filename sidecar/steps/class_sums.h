// The sum of each column for each class.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sidecar/base/table_builder.h"
#include "sidecar/steps/options.h"

namespace gatehouse::steps {

class ClassSums {
public:
    ClassSums(Columns columns, Indices chosen);

    /// Rows of Classes::none are left out; so are values that are not finite.
    void append(std::span<const sidecar::VectorView> views, std::uint64_t rows,
                std::span<const std::uint32_t> classes, std::size_t count);

    std::uint64_t rows(std::size_t index) const noexcept { return rows_[index]; }

    /// NaN where there is no value.
    double mean(std::size_t index, std::size_t column) const noexcept;

private:
    struct Sum {
        double sum = 0;
        double missing = 0;
    };

    void order_by_class(std::span<const std::uint32_t> classes, std::size_t count);
    void add(std::span<const double> values, std::size_t column);

    Indices chosen_;
    std::vector<sidecar::Type> types_;
    std::vector<std::uint64_t> rows_;        ///< of each class
    std::vector<Sum> sums_;                  ///< [class * columns + column]
    std::vector<std::uint32_t> order_;       ///< the rows of a batch, class after class
    std::vector<std::uint32_t> ends_;        ///< of each class in it
    std::vector<double> values_, in_order_;  ///< of one column of a batch
};

}  // namespace gatehouse::steps
