#include "sidecar/base/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "src/base/unique_fd.h"

namespace gatehouse::sidecar::notify {

void send(std::string_view state)
{
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path == nullptr || (path[0] != '/' && path[0] != '@') ||
        std::strlen(path) >= sizeof address.sun_path) {
        return;
    }
    const auto length = std::strlen(path);
    std::memcpy(address.sun_path, path, length);
    if (path[0] == '@') {
        address.sun_path[0] = '\0';  // an abstract socket
    }
    const UniqueFd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    (void)::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                   reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
}

void ready(std::string_view status)
{
    send("READY=1\nSTATUS=" + std::string{status});
}

void reloading()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = now.tv_sec * 1'000'000LL + now.tv_nsec / 1000;
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void stopping()
{
    send("STOPPING=1");
}

std::optional<std::chrono::milliseconds> watchdog_interval()
{
    const char* limit = std::getenv("WATCHDOG_USEC");
    const char* pid = std::getenv("WATCHDOG_PID");
    const bool ours = pid == nullptr || std::atol(pid) == ::getpid();
    const long long microseconds = limit == nullptr ? 0 : std::atoll(limit);
    if (!ours || microseconds <= 0) {
        return std::nullopt;
    }
    return std::chrono::milliseconds{std::max(microseconds / 2000, 1LL)};
}

}  // namespace gatehouse::sidecar::notify
