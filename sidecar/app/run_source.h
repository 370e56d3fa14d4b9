// A dataset of runs as relations of SQL: NAME (id, name, time, parameters), and NAME_rows (run_id,
// and the columns of the rows).
//
// Thread safety: free functions; the store is locked by itself. They block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/relation.h"
#include "sidecar/config/types.h"
#include "sidecar/datasets/run_store.h"
#include "sidecar/sources/sources.h"
#include "src/base/result.h"

namespace gatehouse::app {

bool is_runs(const config::Source& source);

/// Equal as long as no run was added or dropped.
Result<sources::Fingerprint> fingerprint_of_runs(datasets::RunStore* store,
                                                 const config::Source& source);

struct RunSelection {
    bool rows = true;                 ///< false: nobody reads NAME_rows
    std::optional<std::int64_t> run;  ///< that both relations have; nothing: all
};

/// What of it a card's SQL reads.
RunSelection selection_for(const std::string& sql, const config::Source& source);

Result<std::vector<sidecar::Relation>> relations_of_runs(datasets::RunStore* store,
                                                         const config::Source& source,
                                                         const RunSelection& selection,
                                                         std::uint64_t most_bytes);

}  // namespace gatehouse::app
