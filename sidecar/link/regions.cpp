#include "sidecar/link/regions.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::sidecar {

Result<Region> RegionPool::adopt(UniqueFd fd)
{
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) {
        return Error{std::string{"fstat: "} + std::strerror(errno)};
    }
    if (static_cast<std::uintmax_t>(status.st_size) > largest_region) {
        return Error{"it is larger than any region can be"};
    }
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    auto& known = known_[{status.st_dev, status.st_ino}];
    if (auto region = known.lock()) {
        return region;
    }
    auto memory = SharedMemory::adopt(std::move(fd));
    if (!memory) {
        return memory.error();
    }
    Region region = std::make_shared<const SharedMemory>(std::move(*memory));
    known = region;
    return region;
}

}  // namespace gatehouse::sidecar
