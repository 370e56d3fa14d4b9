#include "sidecar/link/regions.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::sidecar {

namespace {

/// A memfd can be asked for its seals, and had to be made with the wish to be sealed.
bool is_file(int fd, const struct stat& status)
{
    const int seals = ::fcntl(fd, F_GET_SEALS);
    return S_ISREG(status.st_mode) && (seals < 0 || seals == F_SEAL_SEAL);
}

bool is_local(int fd)
{
    constexpr unsigned long fuse = 0x65735546;
    constexpr unsigned long cifs = 0xff534d42;
    struct statfs system {};
    if (::fstatfs(fd, &system) != 0) {
        return false;
    }
    const auto type = static_cast<std::uint32_t>(system.f_type);
    return type != fuse && type != cifs && type != NFS_SUPER_MAGIC && type != SMB_SUPER_MAGIC &&
           type != V9FS_MAGIC && type != AFS_SUPER_MAGIC && type != CODA_SUPER_MAGIC;
}

Result<SharedMemory> take(UniqueFd fd, const struct stat& status)
{
    if (!is_file(fd.get(), status)) {
        return SharedMemory::adopt(std::move(fd));
    }
    return SharedMemory::hold(is_local(fd.get()) ? std::move(fd) : UniqueFd{});
}

}  // namespace

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
    auto memory = take(std::move(fd), status);
    if (!memory) {
        return memory.error();
    }
    Region region = std::make_shared<const SharedMemory>(std::move(*memory));
    known = region;
    return region;
}

}  // namespace gatehouse::sidecar
