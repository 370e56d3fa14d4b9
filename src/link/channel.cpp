#include "src/link/channel.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace gatehouse::link {

namespace {

Error socket_error(const std::string& path, const char* call)
{
    return Error{"link socket \"" + path + "\": " + call + ": " + std::strerror(errno)};
}

/// The descriptors that came with a packet; all but the first are closed at once.
UniqueFd take_descriptor(msghdr& message)
{
    UniqueFd first;
    for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr;
         control = CMSG_NXTHDR(&message, control)) {
        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(control) + i * sizeof fd, sizeof fd);
            UniqueFd owned{fd};
            if (!first) {
                first = std::move(owned);
            }
        }
    }
    return first;
}

Result<std::optional<Incoming>> parse(std::string_view packet, UniqueFd fd)
{
    Header header;
    if (packet.size() < sizeof header) {
        return Error{"the peer sent a packet that is no message of the link"};
    }
    std::memcpy(&header, packet.data(), sizeof header);
    if (header.magic != magic) {
        return Error{"the peer sent a packet that is no message of the link"};
    }
    if (header.version != version) {
        return Error{"the peer speaks version " + std::to_string(header.version) +
                     " of the link, this side version " + std::to_string(version) +
                     ": install module and sidecar of one release"};
    }
    if (header.payload_size != packet.size() - sizeof header) {
        return Error{"the peer sent a message of a wrong size"};
    }
    return std::optional<Incoming>{Incoming{static_cast<Type>(header.type), header.generation,
                                            header.at_ms, std::string{packet.substr(sizeof header)},
                                            std::move(fd)}};
}

}  // namespace

Result<sockaddr_un> socket_address(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return Error{"link socket \"" + path + "\": a socket's path has 1 to " +
                     std::to_string(sizeof address.sun_path - 1) + " bytes"};
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

Result<Channel> Channel::connect(const std::string& path)
{
    auto address = socket_address(path);
    if (!address) {
        return address.error();
    }
    UniqueFd fd{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!fd) {
        return socket_error(path, "socket");
    }
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
        return socket_error(path, "connect");
    }
    return Channel{std::move(fd)};
}

Sent Channel::send(const Outgoing& out) noexcept
{
    Header header{magic,
                  version,
                  static_cast<std::uint16_t>(out.type),
                  static_cast<std::uint32_t>(out.payload.size()),
                  0,
                  out.generation,
                  out.at_ms};
    std::array<iovec, 2> parts{
        {{&header, sizeof header}, {const_cast<char*>(out.payload.data()), out.payload.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();

    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (out.fd >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        auto* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(rights), &out.fd, sizeof out.fd);
    }
    for (;;) {
        if (::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
            return Sent::yes;
        }
        if (errno == EINTR) {
            continue;
        }
        // ETOOMANYREFS: too many descriptors in flight, which the peer cures by reading.
        const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == ETOOMANYREFS;
        return later ? Sent::would_block : Sent::failed;
    }
}

Result<std::optional<Incoming>> Channel::receive()
{
    buffer_.resize(sizeof(Header) + largest_payload);
    iovec part{buffer_.data(), buffer_.size()};
    // Room for more descriptors than are allowed, so that a peer's surplus is closed, not leaked.
    alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;

    ssize_t size = -1;
    do {
        size = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        // ECONNRESET comes once, before the last words of a peer that closed with packets unread:
        // a refusal is to be read all the same.
    } while (size < 0 && (errno == EINTR || errno == ECONNRESET));
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return std::optional<Incoming>{};
    }
    if (size < 0) {
        return Error{std::string{"recvmsg: "} + std::strerror(errno)};
    }
    auto fd = take_descriptor(message);
    if (size == 0) {
        return Error{std::string{closed_by_peer}};
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) {
        return Error{"the peer sent a message that is too large"};
    }
    if ((message.msg_flags & MSG_CTRUNC) != 0) {
        return Error{
            "there is no room for the descriptors that the peer sent: too many of them, or "
            "this process may open no more files"};
    }
    return parse({buffer_.data(), static_cast<std::size_t>(size)}, std::move(fd));
}

Result<Peer> Channel::peer() const
{
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(fd_.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
        return Error{std::string{"SO_PEERCRED: "} + std::strerror(errno)};
    }
    return Peer{credentials.pid, credentials.uid, credentials.gid};
}

}  // namespace gatehouse::link
