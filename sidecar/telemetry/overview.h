// What all workers of all nginx have counted, for the control API's GET /v1/telemetry: counters and
// histograms from which a reader makes rates by asking twice.
//
// Thread safety: none needed; reads memory that others write.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/shared_memory.h"

namespace gatehouse::sidecar {

/// `at_ms`: when, on any steady clock. Regions that are none, or damaged, are left out.
std::string telemetry_json(const std::vector<std::shared_ptr<const SharedMemory>>& regions,
                           std::int64_t at_ms);

}  // namespace gatehouse::sidecar
