// Sums over the rows of a block of columns: the inner loops of correlation and principal
// components.
//
// A block holds columns one after the other, `stride` numbers apart, of which the first `rows`
// count; up to the next multiple of `row_multiple` they are 0. Columns are float or double; sums
// are kept in that for at most `stride` rows and handed out as double.
//
// Thread safety: free functions without state.
#pragma once

#include <cstddef>

#include "sidecar/steps/simd.h"

namespace gatehouse::steps {

/// Columns are multiplied four by four; what pads them is 0.
inline constexpr std::size_t column_multiple = 4;
inline constexpr std::size_t row_multiple = 32;

inline constexpr std::size_t rounded_up(std::size_t count, std::size_t multiple) noexcept
{
    return (count + multiple - 1) / multiple * multiple;
}

template <class T>
struct Columns2d {
    const T* cells;
    std::size_t stride;
    std::size_t columns;  ///< a multiple of column_multiple
    std::size_t rows;     ///< a multiple of row_multiple
};

/// to[i * columns + j] = the sum of a's column i times b's column j; with `symmetric` only where
/// j / 4 >= i / 4. REQUIRES: both are of one size.
template <class T>
void products(const Columns2d<T>& a, const Columns2d<T>& b, bool symmetric, double* to,
              simd::Width width = simd::width());

extern template void products(const Columns2d<float>&, const Columns2d<float>&, bool, double*,
                              simd::Width);
extern template void products(const Columns2d<double>&, const Columns2d<double>&, bool, double*,
                              simd::Width);

template <class T>
double sum(const T* values, std::size_t rows, simd::Width width = simd::width());

extern template double sum(const float*, std::size_t, simd::Width);
extern template double sum(const double*, std::size_t, simd::Width);

/// What is left of a column once `shift` is taken away from it.
struct Rest {
    double sum = 0;
    double most = 0;  ///< the greatest amount
};

template <class T>
Rest subtract(T shift, T* values, std::size_t rows, simd::Width width = simd::width());

extern template Rest subtract(float, float*, std::size_t, simd::Width);
extern template Rest subtract(double, double*, std::size_t, simd::Width);

}  // namespace gatehouse::steps
