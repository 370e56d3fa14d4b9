// The figures that "aggregate" makes of a column: names, and the sums they are made of.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/table_builder.h"
#include "sidecar/steps/make_table.h"
#include "src/base/result.h"

namespace gatehouse::steps {

enum class Function { min, max, mean, first, final, sum, count, stddev, quantile };

struct Figure {
    Function function = Function::count;
    double quantile = 0;  ///< 0 to 1, of Function::quantile

    /// "min", "p95", "median", …
    static std::optional<Figure> named(std::string_view name);

    /// Whether there is such a figure of columns of that type.
    bool fits(const sidecar::Type& type) const noexcept;
};

/// "p95" for 0.95.
std::string quantile_name(double quantile);

/// What is kept of one column for one group. NULL and NaN are no values.
class Tally {
public:
    __extension__ typedef __int128 Wide;

    /// A run of the group's rows: as numbers, and where the cells are whole numbers as these.
    void add(std::span<const double> numbers, std::span<const Wide> whole, bool keep_values);

    /// The group's first and last cell; nothing: NULL.
    void add_ends(std::optional<std::string> first, std::optional<std::string> last);

    double number(const Figure& figure) const;
    Wide whole(Function function) const noexcept;
    const std::optional<std::string>& end(Function function) const noexcept
    {
        return function == Function::first ? first_ : last_;
    }
    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t bytes() const noexcept { return values_.capacity() * sizeof(double); }

private:
    void add_run(std::span<const double> numbers, std::span<const Wide> whole);

    std::uint64_t count_ = 0;
    double mean_ = 0, squares_ = 0, sum_ = 0;
    double least_ = 0, greatest_ = 0;
    Wide whole_sum_ = 0, whole_least_ = 0, whole_greatest_ = 0;
    bool begun_ = false;
    std::optional<std::string> first_, last_;
    mutable std::vector<double> values_;  ///< for quantiles; put in another order to find them
};

/// A figure of one column for all groups. `stride`: from one group's tally to the next.
Cells figures_of(const Figure& figure, const sidecar::Type& type, std::span<const Tally> tallies,
                 std::size_t column, std::size_t stride);

}  // namespace gatehouse::steps
