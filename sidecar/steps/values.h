// Cells as numbers.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/base/table_builder.h"
#include "src/base/result.h"

namespace gatehouse::steps {

/// Whole, floating or decimal numbers: what a series may be.
bool is_number(const sidecar::Type& type) noexcept;

/// Whether numbers can be made of it: numbers, booleans, dates and times.
bool has_order(const sidecar::Type& type) noexcept;

/// A date or a time.
bool is_time(const sidecar::Type& type) noexcept;

/// `rows` cells from `first` on as numbers, in the units of Table::numbers; NULL becomes NaN.
/// REQUIRES: has_order(type).
void copy_numbers(const sidecar::VectorView& from, const sidecar::Type& type, std::uint64_t first,
                  std::uint64_t rows, double* to) noexcept;

/// The same of FLOAT cells.
void copy_numbers(const sidecar::VectorView& from, const sidecar::Type& type, std::uint64_t first,
                  std::uint64_t rows, float* to) noexcept;

/// Whole cells and the digits of decimals as they are; NULL becomes anything. REQUIRES: `rows`
/// cells that have_order() but are not floating.
__extension__ typedef __int128 WideInteger;
void copy_whole(const sidecar::VectorView& from, const sidecar::Type& type, std::uint64_t rows,
                WideInteger* to) noexcept;

inline bool is_null(const sidecar::VectorView& view, std::uint64_t row) noexcept
{
    return view.validity != nullptr && (view.validity[row >> 6] >> (row & 63) & 1) == 0;
}

/// One cell, of a type without children, as a view; `validity` is what the view points to.
sidecar::VectorView row_of(const sidecar::VectorView& view, const sidecar::Type& type,
                           std::uint64_t row, std::uint64_t& validity);

/// A column of a table without selection as numbers: its own cells where they are that already.
class Series {
public:
    Series(const sidecar::Table& table, std::size_t column);

    std::span<const double> values() const noexcept { return values_; }

private:
    std::vector<double> copied_;
    std::span<const double> values_;
};

}  // namespace gatehouse::steps
