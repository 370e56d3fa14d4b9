#include "sidecar/control/socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::control {

namespace {

constexpr int backlog = 64;

Error flaw(const std::string& path, const std::string& what)
{
    return Error{"control socket \"" + path + "\": " + what};
}

Error failed(const std::string& path, const char* call)
{
    return flaw(path, std::string{call} + ": " + std::strerror(errno));
}

UniqueFd open_socket()
{
    return UniqueFd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
}

/// Removes a socket file nobody listens on. Anything else at that path is left alone.
Result<void> clear_the_way(const std::string& path, const sockaddr_un& address)
{
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return errno == ENOENT ? Result<void>{} : failed(path, "stat");
    }
    if (!S_ISSOCK(status.st_mode)) {
        return flaw(path, "a file that is no socket is in the way");
    }
    const auto probe = open_socket();
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(probe.get(), where, sizeof address) == 0 || errno != ECONNREFUSED) {
        return flaw(path, "another process listens on it");
    }
    return ::unlink(path.c_str()) == 0 ? Result<void>{} : failed(path, "unlink");
}

}  // namespace

Result<UniqueFd> listen(const std::string& path, mode_t mode)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return flaw(path, "a socket's path has 1 to " +
                              std::to_string(sizeof address.sun_path - 1) + " bytes");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    if (auto clear = clear_the_way(path, address); !clear) {
        return clear.error();
    }
    auto fd = open_socket();
    // Nobody may connect between bind and chmod.
    const mode_t before = ::umask(0177);
    const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::umask(before);
    if (bound != 0) {
        return failed(path, "bind");
    }
    if (::chmod(path.c_str(), mode) != 0) {
        return failed(path, "chmod");
    }
    if (::listen(fd.get(), backlog) != 0) {
        return failed(path, "listen");
    }
    return fd;
}

}  // namespace gatehouse::control
