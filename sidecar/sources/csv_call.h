// The calls of DuckDB's read_csv and sniff_csv for a source. Private to sidecar/sources.
#pragma once

#include "sidecar/sources/csv_pieces.h"
#include "sidecar/sources/kind.h"

namespace gatehouse::sources {

/// The call of a function that takes read_csv's options, but for its sampling and the types of
/// columns.
Call csv_call(const config::Source& source, Call call, Dialect dialect);

}  // namespace gatehouse::sources
