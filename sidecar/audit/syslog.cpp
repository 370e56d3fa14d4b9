#include "sidecar/audit/syslog.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>

#include "sidecar/base/time_text.h"

namespace gatehouse::audit_log {

namespace {

constexpr std::string_view local_prefix = "unix:";
constexpr std::string_view udp_prefix = "udp:";

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

Result<Address> local_address(std::string_view path)
{
    Address address;
    auto* local = reinterpret_cast<sockaddr_un*>(&address.storage);
    if (path.empty() || path.size() >= sizeof local->sun_path) {
        return Error{"a socket's path has 1 to 107 bytes"};
    }
    local->sun_family = AF_UNIX;
    path.copy(local->sun_path, path.size());
    address.size = sizeof *local;
    return address;
}

Result<Address> udp_address(std::string_view text)
{
    const auto colon = text.rfind(':');
    auto host = text.substr(0, colon);
    std::uint16_t port = 0;
    const auto digits = colon == text.npos ? std::string_view{} : text.substr(colon + 1);
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool is_v6 = host.starts_with('[') && host.ends_with(']');
    if (is_v6) {
        host = host.substr(1, host.size() - 2);
    }
    Address address;
    if (auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage); is_v6) {
        v6->sin6_port = htons(port);
        v6->sin6_family = AF_INET6;
        address.size = sizeof *v6;
        if (port != 0 && ::inet_pton(AF_INET6, std::string{host}.c_str(), &v6->sin6_addr) == 1) {
            return address;
        }
    } else {
        auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
        v4->sin_port = htons(port);
        v4->sin_family = AF_INET;
        address.size = sizeof *v4;
        if (port != 0 && ::inet_pton(AF_INET, std::string{host}.c_str(), &v4->sin_addr) == 1) {
            return address;
        }
    }
    return Error{"\"" + std::string{text} + "\" is no address with a port"};
}

Result<Address> address_of(std::string_view target)
{
    return target.starts_with(local_prefix) ? local_address(target.substr(local_prefix.size()))
                                            : udp_address(target.substr(udp_prefix.size()));
}

/// How long one call of send() waits in all for a receiver that reads more slowly than we write.
constexpr int patience_ms = 500;

/// Waits for the receiver to make room; takes what that took off `left_ms`.
bool has_room(int fd, int& left_ms)
{
    using std::chrono::steady_clock;
    const auto begin = steady_clock::now();
    pollfd writable{fd, POLLOUT, 0};
    const bool ready = left_ms > 0 && ::poll(&writable, 1, left_ms) > 0;
    const auto took = std::chrono::ceil<std::chrono::milliseconds>(steady_clock::now() - begin);
    left_ms -= static_cast<int>(took.count());
    return ready;
}

std::string host_name()
{
    char name[256] = "-";
    (void)::gethostname(name, sizeof name - 1);
    return name;
}

}  // namespace

Result<Syslog> Syslog::open(const std::string& target)
{
    const auto address = address_of(target);
    if (!address) {
        return Error{"syslog: " + address.error().message};
    }
    Syslog log;
    log.local_ = target.starts_with(local_prefix);
    log.host_ = host_name();
    log.fd_.reset(
        ::socket(address->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!log.fd_ || ::connect(log.fd_.get(), reinterpret_cast<const sockaddr*>(&address->storage),
                              address->size) != 0) {
        return Error{"syslog: \"" + target + "\": " + std::strerror(errno)};
    }
    return log;
}

/// The local form is the one that /dev/log has always taken; RFC 3164 describes it.
std::string Syslog::header(std::int64_t now_ms) const
{
    const auto priority = '<' + std::to_string(syslog_priority) + '>';
    const auto process = std::to_string(::getpid());
    if (!local_) {
        return priority + "1 " + sidecar::utc_text(now_ms) + ' ' + host_ + " gatehouse " + process +
               " audit - ";
    }
    const std::time_t now = now_ms / 1000;
    std::tm parts{};
    char time[32];
    ::localtime_r(&now, &parts);
    const auto size = std::strftime(time, sizeof time, "%b %e %H:%M:%S", &parts);
    return priority + std::string{time, size} + " gatehouse-audit[" + process + "]: ";
}

std::size_t Syslog::send(std::string_view lines, std::int64_t now_ms, std::string& why)
{
    const auto head = header(now_ms);
    std::string message;
    std::size_t done = 0;
    int left_ms = patience_ms;
    while (done < lines.size()) {
        const auto line = lines.substr(done, lines.find('\n', done) - done);
        message = head;
        message += line;
        if (::send(fd_.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0) {
            const int error = errno;
            if (error == EINTR || (error == EAGAIN && has_room(fd_.get(), left_ms))) {
                continue;
            }
            why = error == EAGAIN ? "the receiver does not read" : std::strerror(error);
            break;
        }
        done += line.size() + 1;
    }
    return done;
}

}  // namespace gatehouse::audit_log
