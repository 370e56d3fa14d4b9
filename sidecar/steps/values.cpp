#include "sidecar/steps/values.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "sidecar/base/gather.h"

namespace gatehouse::steps {
namespace {

using sidecar::Type;
using sidecar::TypeId;
using sidecar::VectorView;

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

/// What a cell is divided by to be in seconds, or the number it stands for.
double divisor(const Type& type) noexcept
{
    switch (type.id) {
    case TypeId::decimal: return std::pow(10.0, type.scale);
    case TypeId::date: return 1.0 / 86'400;
    case TypeId::timestamp_ms: return 1e3;
    case TypeId::time:
    case TypeId::timestamp_us:
    case TypeId::timestamp_tz: return 1e6;
    case TypeId::timestamp_ns: return 1e9;
    default: return 1;
    }
}

template <class Cell>
double number(const Cell& cell) noexcept
{
    return static_cast<double>(cell);
}

double number(const sidecar::Int128& cell) noexcept
{
    return static_cast<double>(static_cast<Wide>(cell.upper) << 64 | cell.lower);
}

double number(const sidecar::UInt128& cell) noexcept
{
    return static_cast<double>(static_cast<UnsignedWide>(cell.upper) << 64 | cell.lower);
}

template <class Cell>
void convert(const void* from, std::uint64_t first, std::uint64_t rows, double unit,
             double* to) noexcept
{
    const Cell* cells = static_cast<const Cell*>(from) + first;
    if (unit == 1) {
        for (std::uint64_t i = 0; i < rows; ++i) {
            to[i] = number(cells[i]);
        }
        return;
    }
    for (std::uint64_t i = 0; i < rows; ++i) {
        to[i] = number(cells[i]) / unit;
    }
}

auto converter(TypeId storage) noexcept
{
    switch (storage) {
    case TypeId::boolean:
    case TypeId::uint8: return convert<std::uint8_t>;
    case TypeId::int8: return convert<std::int8_t>;
    case TypeId::int16: return convert<std::int16_t>;
    case TypeId::int32:
    case TypeId::date: return convert<std::int32_t>;
    case TypeId::uint16: return convert<std::uint16_t>;
    case TypeId::uint32: return convert<std::uint32_t>;
    case TypeId::uint64: return convert<std::uint64_t>;
    case TypeId::float32: return convert<float>;
    case TypeId::float64: return convert<double>;
    case TypeId::int128: return convert<sidecar::Int128>;
    case TypeId::uint128: return convert<sidecar::UInt128>;
    default: return convert<std::int64_t>;
    }
}

template <class Cell>
void copy_cells(const void* from, std::uint64_t rows, WideInteger* to) noexcept
{
    const auto* cells = static_cast<const Cell*>(from);
    std::copy(cells, cells + rows, to);
}

auto whole_copier(TypeId storage) noexcept
{
    switch (storage) {
    case TypeId::boolean:
    case TypeId::uint8: return copy_cells<std::uint8_t>;
    case TypeId::int8: return copy_cells<std::int8_t>;
    case TypeId::int16: return copy_cells<std::int16_t>;
    case TypeId::int32:
    case TypeId::date: return copy_cells<std::int32_t>;
    case TypeId::uint16: return copy_cells<std::uint16_t>;
    case TypeId::uint32: return copy_cells<std::uint32_t>;
    case TypeId::uint64: return copy_cells<std::uint64_t>;
    case TypeId::int128:
    case TypeId::uint128: return copy_cells<WideInteger>;
    default: return copy_cells<std::int64_t>;
    }
}

template <class Number>
void void_nulls(const VectorView& from, std::uint64_t first, std::uint64_t rows,
                Number* to) noexcept
{
    for (std::uint64_t i = 0; from.validity != nullptr && i < rows; ++i) {
        to[i] = is_null(from, first + i) ? std::numeric_limits<Number>::quiet_NaN() : to[i];
    }
}

}  // namespace

bool is_number(const Type& type) noexcept
{
    return (type.id >= TypeId::int8 && type.id <= TypeId::float64) || type.id == TypeId::decimal;
}

bool is_time(const Type& type) noexcept
{
    return type.id >= TypeId::date && type.id <= TypeId::timestamp_tz;
}

bool has_order(const Type& type) noexcept
{
    return is_number(type) || is_time(type) || type.id == TypeId::boolean;
}

void copy_numbers(const VectorView& from, const Type& type, std::uint64_t first, std::uint64_t rows,
                  double* to) noexcept
{
    const TypeId storage = type.id == TypeId::decimal ? type.storage : type.id;
    converter(storage)(from.data, first, rows, divisor(type), to);
    void_nulls(from, first, rows, to);
}

void copy_numbers(const VectorView& from, const Type&, std::uint64_t first, std::uint64_t rows,
                  float* to) noexcept
{
    std::memcpy(to, static_cast<const float*>(from.data) + first, rows * sizeof(float));
    void_nulls(from, first, rows, to);
}

void copy_whole(const VectorView& from, const Type& type, std::uint64_t rows,
                WideInteger* to) noexcept
{
    const TypeId storage = type.id == TypeId::decimal ? type.storage : type.id;
    whole_copier(storage)(from.data, rows, to);
}

VectorView row_of(const VectorView& view, const sidecar::Type& type, std::uint64_t row,
                  std::uint64_t& validity)
{
    validity = is_null(view, row) ? 0 : ~std::uint64_t{0};
    const auto* cells = static_cast<const std::byte*>(view.data);
    return {cells + row * sidecar::cell_size(type), &validity, 0, {}};
}

Series::Series(const sidecar::Table& table, std::size_t column)
{
    const Type& type = table.columns()[column].type;
    const sidecar::Vector& cells = table.vector(column);
    if (type.id == TypeId::float64 && cells.validity.empty()) {
        values_ = {reinterpret_cast<const double*>(cells.data.data()), table.rows()};
        return;
    }
    copied_.resize(table.rows());
    const VectorView view{
        cells.data.data(), cells.validity.empty() ? nullptr : cells.validity.data(), 0, {}};
    copy_numbers(view, type, 0, table.rows(), copied_.data());
    values_ = copied_;
}

}  // namespace gatehouse::steps
