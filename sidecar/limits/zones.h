// The zones of limits that connected workers share: which there are, and what is done to one.
//
// Thread safety: plain values; a Zone may be taken to another thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sidecar/limits/plan_windows.h"
#include "sidecar/limits/zone_description.h"
#include "src/base/result.h"
#include "src/base/shared_memory.h"
#include "src/limit/standing.h"

namespace gatehouse::limits {

using Memory = std::shared_ptr<const SharedMemory>;

/// By which people tell one nginx from another.
struct Nginx {
    std::int64_t master = 0;  ///< pid of its master process
    std::string prefix;
};

/// What one worker has said and shared.
struct Worker {
    std::int64_t pid = 0;
    Nginx nginx;
    std::int64_t connected_at_ms = 0;
    std::string limit_zones;  ///< of its hello
    std::map<std::string, Memory, std::less<>> memory;
};

/// One zone of one nginx. Two nginx may each have a zone of the same name.
struct Zone {
    ZoneDescription description;  ///< by the newest of its workers
    Nginx nginx;                  ///< of that one
    Memory memory;                ///< nullptr: described, but not shared
    Memory telemetry;             ///< of the same nginx; nullptr: none
    std::vector<std::int64_t> workers;
};

/// By name.
std::vector<Zone> zones_of(std::vector<Worker> workers);

/// How full it is.
struct Fill {
    std::size_t capacity = 0;   ///< cells
    std::uint64_t entries = 0;  ///< cells that hold something, estimated
};
Result<Fill> fill_of(const Zone& zone);

struct WindowStanding {
    NamedWindow window;
    limit::Standing standing;
};

/// How a key stands in the windows of windows_of().
Result<std::vector<WindowStanding>> standings(const Zone& zone, std::string_view key,
                                              std::vector<NamedWindow> windows);

/// Frees a key's cells under these windows; how many there were.
Result<std::uint64_t> free_key(const Zone& zone, std::string_view key,
                               const std::vector<NamedWindow>& windows);

Result<std::uint64_t> free_all(const Zone& zone);

}  // namespace gatehouse::limits
