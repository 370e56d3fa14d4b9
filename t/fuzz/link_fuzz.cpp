// Fuzzes the receiving side of the link with packets and descriptors of a peer that may be anybody:
// every message is refused or is what its header says, and no descriptor is left behind.
//
// The input is a row of packets, each: descriptors (one byte, low 4 bits), size (two bytes), its
// bytes.
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <span>

#include "src/link/channel.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);

namespace {

using namespace gatehouse;
using namespace gatehouse::link;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

/// The lowest free descriptor: it moves when one leaks.
int lowest_free()
{
    static const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int fd = ::dup(null);
    ::close(fd);
    return fd;
}

void send_packet(int socket, std::span<const std::uint8_t> bytes, std::size_t descriptors)
{
    static const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(16 * sizeof(int))> control{};
    if (descriptors > 0) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
        auto* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
        for (std::size_t i = 0; i < descriptors; ++i) {
            std::memcpy(CMSG_DATA(rights) + i * sizeof null, &null, sizeof null);
        }
    }
    (void)::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void receive_all(Channel& channel)
{
    for (;;) {
        const auto received = channel.receive();
        if (!received) {
            require(!received.error().message.empty());
            return;  // whoever gets an error closes
        }
        if (!*received) {
            return;
        }
        require((*received)->payload.size() <= largest_payload);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const int before = lowest_free();
    {
        int ends[2];
        require(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
        Channel channel{UniqueFd{ends[0]}};
        const UniqueFd peer{ends[1]};
        std::span<const std::uint8_t> rest{data, size};
        while (rest.size() >= 3) {
            const std::size_t descriptors = rest[0] & 15u;
            const std::size_t wanted = rest[1] | static_cast<std::size_t>(rest[2]) << 8;
            rest = rest.subspan(3);
            const auto packet = rest.first(std::min(wanted, rest.size()));
            rest = rest.subspan(packet.size());
            send_packet(peer.get(), packet, descriptors);
            receive_all(channel);
        }
    }
    require(lowest_free() == before);
    return 0;
}

/// Begins with two sound messages.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned)
{
    constexpr std::size_t packet = 3 + sizeof(Header) + 4;
    if (size < packet && room >= 2 * packet) {
        for (std::size_t i = 0; i < 2; ++i) {
            const Header header{magic, version, 17, 4, 0, i, 1};
            auto* at = data + i * packet;
            at[0] = static_cast<std::uint8_t>(i);
            at[1] = packet - 3;
            at[2] = 0;
            std::memcpy(at + 3, &header, sizeof header);
            std::memcpy(at + 3 + sizeof header, "card", 4);
        }
        size = 2 * packet;
    }
    return LLVMFuzzerMutate(data, size, room);
}
