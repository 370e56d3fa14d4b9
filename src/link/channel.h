// Sends and receives messages of the link on a connected, non-blocking SOCK_SEQPACKET socket.
//
// Thread safety: none; one owner.
#pragma once

#include <sys/types.h>
#include <sys/un.h>

#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/base/unique_fd.h"
#include "src/link/protocol.h"

namespace gatehouse::link {

/// One message to send. `fd` is borrowed: -1 for none.
struct Outgoing {
    Type type;
    std::uint64_t generation = 0;
    std::int64_t at_ms = 0;
    std::string_view payload = {};
    int fd = -1;
};

struct Incoming {
    Type type;
    std::uint64_t generation = 0;
    std::int64_t at_ms = 0;
    std::string payload;
    UniqueFd fd;
};

enum class Sent { yes, would_block, failed };

/// What receive() says of a connection that the peer ended as it should.
inline constexpr std::string_view closed_by_peer = "closed by the peer";

struct Peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

class Channel {
public:
    Channel() noexcept = default;
    explicit Channel(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

    /// Connects a non-blocking socket to the sidecar's. Unix sockets connect at once or fail; a
    /// full backlog fails with EAGAIN. Refuses a path that is too long for a socket address.
    static Result<Channel> connect(const std::string& path);

    int fd() const noexcept { return fd_.get(); }
    explicit operator bool() const noexcept { return static_cast<bool>(fd_); }

    /// On `failed` errno says why; the channel is of no further use.
    Sent send(const Outgoing& message) noexcept;

    /// The next message, nullopt if there is none now, or an error: closed by the peer, a message
    /// that is no message of ours, another version (the text names both). After an error: close.
    Result<std::optional<Incoming>> receive();

    /// Who is at the other end, by SO_PEERCRED.
    Result<Peer> peer() const;

private:
    UniqueFd fd_;
    std::string buffer_;
};

/// The socket address of a path; an error if it is too long for one.
Result<sockaddr_un> socket_address(const std::string& path);

/// A listening socket at `path` with this mode and group (-1: unchanged). A socket file left behind
/// by a dead process is replaced; one that somebody listens on is an error.
Result<UniqueFd> listen(const std::string& path, mode_t mode, gid_t group);

}  // namespace gatehouse::link
