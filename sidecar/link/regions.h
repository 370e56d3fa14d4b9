// Memory that workers let the sidecar read: the telemetry region, and zones.
//
// All workers of one nginx share the same memory, each over its own connection: it is mapped once,
// for as long as any of them is connected.
//
// Thread safety: none; lives on the loop. What it hands out may be read anywhere.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/result.h"
#include "src/base/shared_memory.h"

namespace gatehouse::sidecar {

using Region = std::shared_ptr<const SharedMemory>;

/// Maps each memory once.
class RegionPool {
public:
    /// Refuses what could shrink under a reader, what is empty, and what is larger than
    /// `largest_region`. A file, which always could, is not mapped: its bytes() are empty, and its
    /// descriptor is kept for who knows how to be careful. It is not even kept (fd() is -1) where a
    /// file system lies in somebody else's hands, who could make a reader wait for ever.
    Result<Region> adopt(UniqueFd fd);

    static constexpr std::size_t largest_region = std::size_t{64} << 30;

private:
    using Inode = std::pair<dev_t, ino_t>;

    std::map<Inode, std::weak_ptr<const SharedMemory>> known_;
};

/// What one worker shares, by name. The newest of a name counts.
using Regions = std::map<std::string, Region, std::less<>>;

inline constexpr std::size_t most_regions = 1024;
inline constexpr std::size_t longest_region_name = 128;

}  // namespace gatehouse::sidecar
