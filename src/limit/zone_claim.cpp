#include "src/limit/zone_claim.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

#include "src/limit/zone_file.h"
#include "src/limit/zone_header.h"

namespace gatehouse::limit {

namespace {

constexpr std::chrono::milliseconds patience{2000};
constexpr std::chrono::milliseconds pause{10};

/// One byte for all of it. Locks are not in the way of reading and writing.
bool lock(int fd) noexcept
{
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    whole.l_len = 1;
    return ::fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

bool is_held_elsewhere(int code) noexcept
{
    return code == EAGAIN || code == EACCES;
}

bool is_same_file(int fd, int other) noexcept
{
    struct stat one {};
    struct stat two {};
    return ::fstat(fd, &one) == 0 && ::fstat(other, &two) == 0 && one.st_dev == two.st_dev &&
           one.st_ino == two.st_ino;
}

/// The descriptor of this process through which it has the lock already: its own, or that of the
/// nginx that executed it. -1: none.
int find_claim(int file)
{
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd", none}) {
        const auto name = entry.path().filename().string();
        int fd = -1;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        if (fd != file && is_same_file(fd, file) && lock(fd)) {
            return fd;
        }
    }
    return -1;
}

}  // namespace

Result<UniqueFd> claim_file(const ZoneSettings& settings, std::span<const int> held)
{
    auto opened = open_file(settings);
    if (!opened) {
        return opened;
    }
    const int fd = opened->get();
    if (const auto fresh = is_new(settings, fd); !fresh) {
        return fresh.error();
    }
    for (auto waited = pause; !lock(fd); waited += pause) {
        if (!is_held_elsewhere(errno)) {
            return cannot(settings, "lock", errno, "; name a file on a disk of this machine");
        }
        if (const int claim = find_claim(fd); claim >= 0) {
            const bool is_ours = std::find(held.begin(), held.end(), claim) != held.end();
            return UniqueFd{is_ours ? ::fcntl(claim, F_DUPFD, 0) : claim};
        }
        if (waited > patience) {
            return Error{"limit zone \"" + settings.name + "\": the file \"" + settings.path +
                         "\" is in use by another nginx; name another file"};
        }
        ::usleep(std::chrono::microseconds{pause}.count());
    }
    (void)::fcntl(fd, F_SETFD, 0);
    return opened;
}

}  // namespace gatehouse::limit
