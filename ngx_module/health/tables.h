// What the sidecar has said about health, and whether it still holds.
//
// Thread safety: none; one per worker.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

#include "src/health/table.h"

namespace gatehouse::health_feature {

/// From postconfiguration: the tables "health" and "health.away" come here.
void take_health_tables();

/// How things stand, and which table has the answers to that.
struct Situation {
    health::State state;
    const health::HealthTable* table;  ///< nullptr: none is there; good until the next one comes
    std::uint64_t epoch;               ///< of the table: no two that were taken have the same
};

/// Of the table "health" while the sidecar that sent it is there; while it is away degraded, and
/// after the time that the table "health.away" has, down. A table that cannot be read is degraded,
/// or down if that was told before. A sidecar that checks nothing, or that nobody expects, leaves
/// nginx up.
Situation situation() noexcept;

/// Whether the sidecar that is there has sent a table "health" that cannot be read.
bool health_is_refused() noexcept;

/// The table "health" of the sidecar that is there; nullptr: none.
const health::HealthTable* health_table() noexcept;

}  // namespace gatehouse::health_feature
