// Downsampling by means: one row for each of so many equal parts of the rows.
//
// Thread safety: a free function without state.
#pragma once

#include <cstdint>
#include <optional>

#include "sidecar/base/table.h"
#include "sidecar/steps/choose_rows.h"
#include "sidecar/steps/options.h"

namespace gatehouse::steps {

struct MeanColumns {
    std::optional<std::size_t> x;
    Indices series;
};

/// Of each part the means of x and of the series, of the values that are there; other columns as in
/// the part's first row. A part without a value has NaN. A part in which only some rows lack a
/// value is followed by a row that has NaN for that series, at the x of the gap's first row.
/// REQUIRES: the table has no selection and `data` is of its columns.
sidecar::Table means(const sidecar::Table& table, const MeanColumns& columns, const PlotData& data,
                     std::uint64_t points);

}  // namespace gatehouse::steps
