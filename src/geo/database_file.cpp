#include "src/geo/database_file.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "src/base/plain_file.h"
#include "src/geo/verify.h"

namespace gatehouse::geo {

namespace {

bool same_time(const timespec& a, const timespec& b) noexcept
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

Result<SealedMemory> read_whole(const std::string& path)
{
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat before {};
    if (!fd || ::fstat(fd.get(), &before) != 0) {
        return Error{std::strerror(errno)};
    }
    if (!S_ISREG(before.st_mode)) {
        return Error{"it is not a regular file"};
    }
    const auto size = static_cast<std::size_t>(before.st_size);
    if (size == 0) {
        return Error{"it is empty"};
    }
    if (size > largest_database) {
        return Error{"it has more than 1 GiB"};
    }
    auto memory = SealedMemory::create("gatehouse-geoip", size, [&](std::span<std::byte> bytes) {
        return read_plain_file(fd.get(), 0, bytes);
    });
    struct stat after {};
    if (memory && (::fstat(fd.get(), &after) != 0 || after.st_size != before.st_size ||
                   !same_time(after.st_mtim, before.st_mtim))) {
        return Error{"it was written to while it was read"};
    }
    return memory;
}

}  // namespace

Result<std::shared_ptr<const SealedMemory>> read_database_file(const std::string& path)
{
    auto memory = read_whole(path);
    if (!memory) {
        return Error{"\"" + path + "\": " + memory.error().message};
    }
    if (auto sound = verify(memory->bytes()); !sound) {
        return Error{"\"" + path + "\": " + sound.error().message};
    }
    return std::make_shared<const SealedMemory>(std::move(*memory));
}

std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept
{
    return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace gatehouse::geo
