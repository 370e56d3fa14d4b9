// Which rows of series a plot needs.
//
// A gap is a run of rows in which a series has no value or none that is finite. Rows are chosen
// among those in which some series has a value; the first row of each gap comes on top of them, at
// most as many as there are points: with more gaps than that, the first in each of so many equal
// parts.
//
// Thread safety: a free function without state.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sidecar/steps/lttb.h"
#include "src/base/result.h"

namespace gatehouse::steps {

enum class Method { nth, mean, minmax, m4, lttb, minmaxlttb };

struct PlotData {
    std::span<const double> x;                    ///< sorted, finite; empty: the number of the row
    std::vector<std::span<const double>> series;  ///< at least one, all of one size
    bool scaled = false;                          ///< as in Points

    std::uint64_t rows() const noexcept { return series.front().size(); }
};

/// The fewest points that the method can do with.
std::uint64_t least_points(Method method, std::size_t series) noexcept;

/// In ascending order. REQUIRES: least_points(method, series) <= points; not Method::mean.
Rows choose_rows(Method method, const PlotData& data, std::uint64_t points);

/// Rows 0, n, 2n, … with n = ceil(rows / points).
Rows every_nth(std::uint64_t rows, std::uint64_t points);

/// The first row of each gap of any of the series, in ascending order, however many.
Rows gap_rows(const std::vector<std::span<const double>>& series);

}  // namespace gatehouse::steps
