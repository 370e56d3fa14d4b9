#include "src/limit/zone_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "src/limit/zone_header.h"

namespace gatehouse::limit {

namespace {

namespace fs = std::filesystem;

constexpr int open_flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

Error not_regular(const ZoneSettings& settings)
{
    return refused(settings, "is not a regular file");
}

Error cannot_open(const ZoneSettings& settings, int code)
{
    switch (code) {
    case ELOOP: return refused(settings, "is a symbolic link, which is not followed");
    case ENXIO: return not_regular(settings);
    default:
        return cannot(settings, "open", code,
                      "; name a file that who starts nginx can write, in a folder that exists");
    }
}

Error cannot_reserve(const ZoneSettings& settings, int code)
{
    return cannot(settings, "reserve " + std::to_string(settings.bytes) + " bytes for", code,
                  "; make room, or the zone smaller");
}

/// Whether there is room for all of it.
Result<void> check_room(const ZoneSettings& settings, const fs::path& where)
{
    struct statvfs system {};
    if (::statvfs(where.c_str(), &system) != 0) {
        return {};
    }
    const auto blocks = ::geteuid() == 0 ? system.f_bfree : system.f_bavail;
    if (blocks < settings.bytes / system.f_frsize) {
        return cannot_reserve(settings, ENOSPC);
    }
    return {};
}

/// Whether the file could be made.
Result<void> check_folder(const ZoneSettings& settings)
{
    const auto folder = fs::path{settings.path}.parent_path();
    if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
        return cannot_open(settings, errno);
    }
    return check_room(settings, folder);
}

bool is_zero(const std::vector<char>& bytes, std::size_t count) noexcept
{
    return std::all_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count),
                       [](char byte) { return byte == 0; });
}

/// The cells of a zone whose making was cut short.
bool has_no_cell(int fd)
{
    std::vector<char> piece(std::size_t{256} << 10);
    off_t at = ZoneHeader::size;
    while (true) {
        const auto count = ::pread(fd, piece.data(), piece.size(), at);
        if (count <= 0) {
            return count == 0;
        }
        if (!is_zero(piece, static_cast<std::size_t>(count))) {
            return false;
        }
        at += count;
    }
}

Result<void> check_content(const ZoneSettings& settings, const Clocks& clocks, int fd)
{
    ZoneHeader header{};
    if (::pread(fd, &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header)) {
        return cannot(settings, "read", EIO, "; name another file");
    }
    if (header.magic == 0 && has_no_cell(fd)) {
        return {};
    }
    if (auto sound = check(header, settings); !sound) {
        return sound;
    }
    if (resume(header, clocks) == Resumed::damaged) {
        return damaged_clock(settings);
    }
    return {};
}

}  // namespace

Error cannot(const ZoneSettings& settings, const std::string& what, int code,
             std::string_view remedy)
{
    const auto where = settings.path.empty() ? std::string{} : " \"" + settings.path + "\"";
    return {"limit zone \"" + settings.name + "\": cannot " + what + where + ": " +
            std::strerror(code) + std::string{remedy}};
}

Result<UniqueFd> open_file(const ZoneSettings& settings)
{
    UniqueFd fd{::open(settings.path.c_str(), open_flags | O_CREAT, 0600)};
    return fd ? Result<UniqueFd>{std::move(fd)} : cannot_open(settings, errno);
}

Result<bool> is_new(const ZoneSettings& settings, int fd)
{
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        return cannot(settings, "read", errno, "; name another file");
    }
    if (!S_ISREG(status.st_mode)) {
        return not_regular(settings);
    }
    if (status.st_size != 0 && static_cast<std::size_t>(status.st_size) != settings.bytes) {
        return refused(settings, "has " + std::to_string(status.st_size) + " bytes, the zone " +
                                     std::to_string(settings.bytes));
    }
    return status.st_size == 0;
}

Result<void> reserve(const ZoneSettings& settings, int fd)
{
    int code = EINTR;
    while (code == EINTR) {
        code = ::posix_fallocate(fd, 0, static_cast<off_t>(settings.bytes));
    }
    if (code != 0) {
        return cannot_reserve(settings, code);
    }
    if (settings.path.empty()) {
        // Whoever gets the descriptor can rely on the size.
        (void)::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    }
    return {};
}

Result<void> check_file(const ZoneSettings& settings, const Clocks& clocks)
{
    struct stat status {};
    if (::lstat(settings.path.c_str(), &status) != 0) {
        return errno == ENOENT ? check_folder(settings) : cannot_open(settings, errno);
    }
    // To open a device or a pipe may already do something.
    if (!S_ISREG(status.st_mode)) {
        return cannot_open(settings, S_ISLNK(status.st_mode)   ? ELOOP
                                     : S_ISDIR(status.st_mode) ? EISDIR
                                                               : ENXIO);
    }
    const UniqueFd fd{::open(settings.path.c_str(), open_flags)};
    if (!fd) {
        return cannot_open(settings, errno);
    }
    const auto fresh = is_new(settings, fd.get());
    if (!fresh) {
        return fresh.error();
    }
    return *fresh ? check_room(settings, settings.path) : check_content(settings, clocks, fd.get());
}

}  // namespace gatehouse::limit
