#include "src/base/plain_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gatehouse {

namespace {

Error failed(const char* call)
{
    return Error{std::string{call} + ": " + std::strerror(errno)};
}

std::string directory_of(const std::string& file)
{
    const auto slash = file.rfind('/');
    return slash == std::string::npos ? "." : file.substr(0, slash + 1);
}

/// Whether somebody could have made or changed it who has no business with it.
bool may_be_a_strangers(const struct stat& status, const std::string& file)
{
    struct stat directory {};
    if (::stat(directory_of(file).c_str(), &directory) != 0) {
        return true;
    }
    const bool known =
        status.st_uid == 0 || status.st_uid == ::geteuid() || status.st_uid == directory.st_uid;
    return (status.st_mode & S_IWOTH) != 0 || ((directory.st_mode & S_IWOTH) != 0 && !known);
}

bool write_at(int fd, const FilePiece& piece) noexcept
{
    std::size_t done = 0;
    while (done < piece.bytes.size()) {
        const auto written = ::pwrite(fd, piece.bytes.data() + done, piece.bytes.size() - done,
                                      static_cast<off_t>(piece.offset + done));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        done += static_cast<std::size_t>(written);
    }
    return true;
}

/// The rename itself must reach the disk, or a crash brings the old file back.
void sync_directory_of(const std::string& file) noexcept
{
    const UniqueFd fd{::open(directory_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (fd) {
        (void)::fsync(fd.get());
    }
}

}  // namespace

UniqueFd open_plain(const std::string& file) noexcept
{
    return UniqueFd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
}

Result<PlainFile> open_trusted_file(const std::string& file)
{
    PlainFile opened{open_plain(file)};
    if (!opened.fd) {
        return errno == ELOOP ? Error{"is a symbolic link"} : failed("open");
    }
    struct stat status {};
    if (::fstat(opened.fd.get(), &status) != 0) {
        return failed("fstat");
    }
    if (!S_ISREG(status.st_mode)) {
        return Error{"not a regular file"};
    }
    if (may_be_a_strangers(status, file)) {
        return Error{"belongs to user id " + std::to_string(status.st_uid) +
                     ", and everybody may write to it or to its directory"};
    }
    opened.size = static_cast<std::size_t>(status.st_size);
    return opened;
}

Result<void> read_plain_file(int fd, std::uint64_t offset, std::span<std::byte> out)
{
    std::size_t done = 0;
    while (done < out.size()) {
        const auto got =
            ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failed("read");
        }
        if (got == 0) {
            return Error{"became shorter while it was read"};
        }
        done += static_cast<std::size_t>(got);
    }
    return {};
}

Result<UniqueFd> replace_file(const std::string& file, gid_t group, std::uint64_t size,
                              std::span<const FilePiece> pieces)
{
    const std::string temporary = file + ".new";
    const auto give_up = [&](const char* call) {
        const auto error = failed(call);
        (void)::unlink(temporary.c_str());
        return Error{"\"" + temporary + "\": " + error.message};
    };
    (void)::unlink(temporary.c_str());
    UniqueFd fd{
        ::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640)};
    if (!fd) {
        return give_up("open");
    }
    if (group != static_cast<gid_t>(-1) && ::fchown(fd.get(), static_cast<uid_t>(-1), group) != 0) {
        return give_up("fchown");
    }
    if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
        return give_up("ftruncate");
    }
    for (const auto& piece : pieces) {
        if (!write_at(fd.get(), piece)) {
            return give_up("write");
        }
    }
    if (::fsync(fd.get()) != 0) {
        return give_up("fsync");
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0) {
        return give_up("rename");
    }
    sync_directory_of(file);
    return fd;
}

}  // namespace gatehouse
