// Foreign data read wholly, and kept only if every row of it can be read: into a Parquet file, or
// into memory.
//
// Each call has a DuckDB of its own, locked to the files it reads and the one it writes.
// Thread safety: all of it. The calls block.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "sidecar/base/dataset_manifest.h"
#include "sidecar/base/relation.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::engine {

struct Ingest {
    const sidecar::Relation& relation;  ///< of SQL: rows it holds besides are not looked at
    const config::Engine& limits;
    /// What the columns must be called, in whatever order, and their SQL types; empty: anything.
    /// A value that would lose something by its conversion is an error, as is a column too many or
    /// too few.
    const sidecar::SqlColumns& expected;
    std::chrono::milliseconds timeout;
    std::stop_token stop{};
};

struct Ingested {
    std::uint64_t rows = 0;
    sidecar::SqlColumns columns;  ///< in the expected order, whole numbers as BIGINT, others DOUBLE
};

/// REQUIRES: there is no file `out`. On an error there may be the beginning of one.
Result<Ingested> to_parquet(const Ingest& ingest, const std::string& out);

/// The same rows in the same order and of the same types, to be read in place of the relation;
/// returns how many. `expected` is not looked at. A type that Parquet does not keep is an error.
/// REQUIRES: as to_parquet.
Result<std::uint64_t> copy_to_parquet(const Ingest& ingest, const std::string& out);

struct IngestedTable {
    sidecar::Table table;
    sidecar::SqlColumns columns;
};

/// Of types that sidecar/base/table_bytes.h keeps: others become DOUBLE, TIMESTAMP or VARCHAR.
Result<IngestedTable> to_table(const Ingest& ingest, std::uint64_t most_rows);

}  // namespace gatehouse::engine
