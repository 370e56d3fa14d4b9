// The listening side of the link's socket: listen of channel.h.
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/link/channel.h"

namespace gatehouse::link {

namespace {

constexpr int backlog = 512;

Error failed(const std::string& path, const char* call)
{
    return Error{"link socket \"" + path + "\": " + call + ": " + std::strerror(errno)};
}

/// Removes a socket file nobody listens on. Anything else at that path is left alone.
Result<void> clear_the_way(const std::string& path)
{
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return errno == ENOENT ? Result<void>{} : failed(path, "stat");
    }
    if (!S_ISSOCK(status.st_mode)) {
        return Error{"link socket \"" + path + "\": a file that is no socket is in the way"};
    }
    if (Channel::connect(path) || errno != ECONNREFUSED) {
        return Error{"link socket \"" + path + "\": another process listens on it"};
    }
    return ::unlink(path.c_str()) == 0 ? Result<void>{} : failed(path, "unlink");
}

}  // namespace

Result<UniqueFd> listen(const std::string& path, mode_t mode, gid_t group)
{
    auto address = socket_address(path);
    if (!address) {
        return address.error();
    }
    if (auto clear = clear_the_way(path); !clear) {
        return clear.error();
    }
    UniqueFd fd{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!fd) {
        return failed(path, "socket");
    }
    // Nobody may connect between bind and chmod.
    const mode_t before = ::umask(0177);
    const int bound =
        ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
    ::umask(before);
    if (bound != 0) {
        return failed(path, "bind");
    }
    if (group != static_cast<gid_t>(-1) &&
        ::chown(path.c_str(), static_cast<uid_t>(-1), group) != 0) {
        return failed(path, "chown");
    }
    if (::chmod(path.c_str(), mode) != 0) {
        return failed(path, "chmod");
    }
    if (::listen(fd.get(), backlog) != 0) {
        return failed(path, "listen");
    }
    return fd;
}

}  // namespace gatehouse::link
