// Largest Triangle Three Buckets: Steinarsson, Downsampling Time Series for Visual Representation,
// University of Iceland 2013, section 4.2. MinMaxLTTB: Van Der Donckt et al., MinMaxLTTB:
// Leveraging MinMax-Preselection to Scale LTTB, IEEE VIS 2023.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sidecar/steps/simd.h"

namespace gatehouse::steps {

using Rows = std::vector<std::uint64_t>;

/// Where part i of `parts` equal parts of `rows` rows begins.
inline std::uint64_t part_begin(std::uint64_t i, std::uint64_t rows, std::uint64_t parts) noexcept
{
    __extension__ typedef unsigned __int128 Wide;
    return static_cast<std::uint64_t>(static_cast<Wide>(i) * rows / parts);
}

/// Points of a plot. An empty x stands for 0, 1, 2, …
struct Points {
    std::span<const double> x;
    std::span<const double> y;
    bool scaled = false;  ///< no coordinate is beyond 2, and in both directions some are near

    double x_at(std::uint64_t i) const noexcept
    {
        return x.empty() ? static_cast<double>(i) : x[i];
    }
};

/// The rows chosen, in order. The first and the last point are, and of each of `points` - 2 equal
/// parts between them the first that makes the largest triangle with the one chosen before and the
/// mean of the next part. Nothing when a coordinate is not finite, or coordinates are so large or
/// so small that triangles' areas are no numbers; scaled ones are not. REQUIRES: x is sorted; 3 <=
/// points <= size.
std::optional<Rows> lttb(const Points& of, std::uint64_t points, simd::Width width = simd::width());

/// The same among those points that are the least or greatest of one of `2 * points` equal parts of
/// all but the first and the last: four times as many as are wanted, as the paper has it. lttb()
/// where there are fewer than that.
std::optional<Rows> minmax_lttb(const Points& of, std::uint64_t points,
                                simd::Width width = simd::width());

}  // namespace gatehouse::steps
