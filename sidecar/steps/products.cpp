#include "sidecar/steps/products.h"

#include <algorithm>
#include <cmath>

namespace gatehouse::steps {
namespace {

constexpr std::size_t tile = column_multiple;

template <class T, std::size_t Bytes>
GATEHOUSE_INLINE double sum_of_lanes(const simd::Vector<T, Bytes>& lanes)
{
    if constexpr (Bytes > 16) {
        simd::Vector<T, Bytes / 2> low, high;
        simd::load(low, reinterpret_cast<const T*>(&lanes));
        simd::load(high, reinterpret_cast<const T*>(&lanes) + Bytes / 2 / sizeof(T));
        return sum_of_lanes<T, Bytes / 2>(low + high);
    } else {
        double total = 0;
        for (std::size_t i = 0; i < Bytes / sizeof(T); ++i) {
            total += static_cast<double>(lanes[i]);
        }
        return total;
    }
}

/// Four columns of a by `Wide` columns of b: so many sums fit the registers.
template <class T, std::size_t Bytes, std::size_t Wide>
GATEHOUSE_INLINE void multiply_tile(const T* a, const T* b, std::size_t stride, std::size_t rows,
                                    std::size_t columns, double* to)
{
    using V = simd::Vector<T, Bytes>;
    V sums[tile][Wide]{};
    for (std::size_t row = 0; row < rows; row += Bytes / sizeof(T)) {
        V right[Wide];
        for (std::size_t j = 0; j < Wide; ++j) {
            simd::load(right[j], b + j * stride + row);
        }
        for (std::size_t i = 0; i < tile; ++i) {
            V left;
            simd::load(left, a + i * stride + row);
            for (std::size_t j = 0; j < Wide; ++j) {
                sums[i][j] += left * right[j];
            }
        }
    }
    for (std::size_t i = 0; i < tile; ++i) {
        for (std::size_t j = 0; j < Wide; ++j) {
            to[i * columns + j] = sum_of_lanes<T, Bytes>(sums[i][j]);
        }
    }
}

template <class T, std::size_t Bytes>
GATEHOUSE_INLINE void multiply(const Columns2d<T>& a, const Columns2d<T>& b, bool symmetric,
                               double* to)
{
    constexpr std::size_t wide = Bytes == 64 ? 4 : 2;
    for (std::size_t j = 0; j < b.columns; j += wide) {
        const std::size_t end = symmetric ? std::min(a.columns, j / tile * tile + tile) : a.columns;
        for (std::size_t i = 0; i < end; i += tile) {
            multiply_tile<T, Bytes, wide>(a.cells + i * a.stride, b.cells + j * b.stride, a.stride,
                                          a.rows, a.columns, to + i * a.columns + j);
        }
    }
}

template <class T, std::size_t Bytes>
GATEHOUSE_INLINE double sum_of(const T* values, std::size_t rows)
{
    // As many lanes as make a vector of doubles.
    constexpr std::size_t lanes = Bytes / sizeof(double);
    using Narrow = simd::Vector<T, lanes * sizeof(T)>;
    using Wide = simd::Vector<double, Bytes>;
    Wide sums[4]{};
    std::size_t i = 0;
    for (; i + 4 * lanes <= rows; i += 4 * lanes) {
        for (std::size_t part = 0; part < 4; ++part) {
            Narrow value;
            simd::load(value, values + i + part * lanes);
            sums[part] += __builtin_convertvector(value, Wide);
        }
    }
    double total = sum_of_lanes<double, Bytes>((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < rows; ++i) {
        total += static_cast<double>(values[i]);
    }
    return total;
}

template <class T, std::size_t Bytes>
GATEHOUSE_INLINE Rest subtract_from(T shift, T* values, std::size_t rows)
{
    constexpr std::size_t lanes = Bytes / sizeof(T);
    using V = simd::Vector<T, Bytes>;
    V most{};
    std::size_t i = 0;
    for (; i + lanes <= rows; i += lanes) {
        V value;
        simd::load(value, values + i);
        value -= shift;
        std::memcpy(values + i, &value, sizeof(V));
        value = value < 0 ? -value : value;
        most = value > most ? value : most;
    }
    Rest rest;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        rest.most = std::max(rest.most, static_cast<double>(most[lane]));
    }
    for (; i < rows; ++i) {
        values[i] -= shift;
        rest.most = std::max(rest.most, std::abs(static_cast<double>(values[i])));
    }
    rest.sum = sum_of<T, Bytes>(values, rows);
    return rest;
}

template <class T>
GATEHOUSE_FOR_V4 void multiply64(const Columns2d<T>& a, const Columns2d<T>& b, bool symmetric,
                                 double* to)
{
    multiply<T, 64>(a, b, symmetric, to);
}

template <class T>
GATEHOUSE_FOR_V3 void multiply32(const Columns2d<T>& a, const Columns2d<T>& b, bool symmetric,
                                 double* to)
{
    multiply<T, 32>(a, b, symmetric, to);
}

template <class T>
GATEHOUSE_FOR_V4 double sum64(const T* values, std::size_t rows)
{
    return sum_of<T, 64>(values, rows);
}

template <class T>
GATEHOUSE_FOR_V3 double sum32(const T* values, std::size_t rows)
{
    return sum_of<T, 32>(values, rows);
}

template <class T>
GATEHOUSE_FOR_V4 Rest subtract64(T shift, T* values, std::size_t rows)
{
    return subtract_from<T, 64>(shift, values, rows);
}

template <class T>
GATEHOUSE_FOR_V3 Rest subtract32(T shift, T* values, std::size_t rows)
{
    return subtract_from<T, 32>(shift, values, rows);
}

}  // namespace

template <class T>
void products(const Columns2d<T>& a, const Columns2d<T>& b, bool symmetric, double* to,
              simd::Width width)
{
    switch (width) {
    case simd::Width::bytes64: return multiply64(a, b, symmetric, to);
    case simd::Width::bytes32: return multiply32(a, b, symmetric, to);
    default: return multiply<T, 16>(a, b, symmetric, to);
    }
}

template <class T>
double sum(const T* values, std::size_t rows, simd::Width width)
{
    switch (width) {
    case simd::Width::bytes64: return sum64(values, rows);
    case simd::Width::bytes32: return sum32(values, rows);
    default: return sum_of<T, 16>(values, rows);
    }
}

template <class T>
Rest subtract(T shift, T* values, std::size_t rows, simd::Width width)
{
    switch (width) {
    case simd::Width::bytes64: return subtract64(shift, values, rows);
    case simd::Width::bytes32: return subtract32(shift, values, rows);
    default: return subtract_from<T, 16>(shift, values, rows);
    }
}

template void products(const Columns2d<float>&, const Columns2d<float>&, bool, double*,
                       simd::Width);
template void products(const Columns2d<double>&, const Columns2d<double>&, bool, double*,
                       simd::Width);
template double sum(const float*, std::size_t, simd::Width);
template double sum(const double*, std::size_t, simd::Width);
template Rest subtract(float, float*, std::size_t, simd::Width);
template Rest subtract(double, double*, std::size_t, simd::Width);

}  // namespace gatehouse::steps
