// What an nginx has counted since it began, by endpoint, out of its telemetry region.
//
// Thread safety: none needed; reads memory that others write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sidecar/history/traffic.h"
#include "src/base/shared_memory.h"

namespace gatehouse::history {

/// Which nginx a region is of.
struct RegionName {
    std::string text;  ///< no other one has or had it
    std::int64_t began_s = 0;
};

struct Counters {
    RegionName region;
    ByEndpoint traffic;  ///< of endpoints that have counted something
};

/// Nothing: the memory is no region, or a damaged one.
std::optional<RegionName> region_name(const SharedMemory& region);
std::optional<Counters> read_counters(const SharedMemory& region);

}  // namespace gatehouse::history
