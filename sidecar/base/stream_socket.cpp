#include "sidecar/base/stream_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::sidecar {

namespace {

constexpr int backlog = 511;  // as nginx: a full one is a 502 there

Error flaw(const StreamSocket& socket, const std::string& what)
{
    return Error{socket.what + " socket \"" + socket.path + "\": " + what};
}

Error failed(const StreamSocket& socket, const char* call)
{
    return flaw(socket, std::string{call} + ": " + std::strerror(errno));
}

UniqueFd open_socket()
{
    return UniqueFd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
}

/// Removes a socket file nobody listens on. Anything else at that path is left alone.
Result<void> clear_the_way(const StreamSocket& socket, const sockaddr_un& address)
{
    struct stat status {};
    if (::lstat(socket.path.c_str(), &status) != 0) {
        return errno == ENOENT ? Result<void>{} : failed(socket, "stat");
    }
    if (!S_ISSOCK(status.st_mode)) {
        return flaw(socket, "a file that is no socket is in the way");
    }
    const auto probe = open_socket();
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(probe.get(), where, sizeof address) == 0 || errno != ECONNREFUSED) {
        return flaw(socket, "another process listens on it");
    }
    return ::unlink(socket.path.c_str()) == 0 ? Result<void>{} : failed(socket, "unlink");
}

}  // namespace

Result<UniqueFd> listen(const StreamSocket& socket)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.path.empty() || socket.path.size() >= sizeof address.sun_path) {
        return flaw(socket, "a socket's path has 1 to " +
                                std::to_string(sizeof address.sun_path - 1) + " bytes");
    }
    std::memcpy(address.sun_path, socket.path.data(), socket.path.size());
    if (auto clear = clear_the_way(socket, address); !clear) {
        return clear.error();
    }
    auto fd = open_socket();
    // Nobody may connect between bind and chmod.
    const mode_t before = ::umask(0177);
    const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::umask(before);
    if (bound != 0) {
        return failed(socket, "bind");
    }
    if (socket.group != static_cast<gid_t>(-1) &&
        ::chown(socket.path.c_str(), static_cast<uid_t>(-1), socket.group) != 0) {
        return failed(socket, "chown");
    }
    if (::chmod(socket.path.c_str(), socket.mode) != 0) {
        return failed(socket, "chmod");
    }
    if (::listen(fd.get(), backlog) != 0) {
        return failed(socket, "listen");
    }
    return fd;
}

}  // namespace gatehouse::sidecar
