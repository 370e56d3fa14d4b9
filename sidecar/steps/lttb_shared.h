// LTTB of several series that share their rows: the triangles of a row are summed, each series
// taken in parts of its own range, so that no unit outweighs another. A series that lacks a value
// at a corner adds nothing there.
//
// Thread safety: a free function without state.
#pragma once

#include "sidecar/steps/choose_rows.h"

namespace gatehouse::steps {

/// By Method::lttb, or Method::minmaxlttb among the extremes of every series. REQUIRES: values are
/// finite or NaN; 3 <= points < rows.
Rows lttb_shared(Method method, const PlotData& data, std::uint64_t points);

}  // namespace gatehouse::steps
