// HTTP/1.1 for the control API, over a Unix socket that only gatehousectl's users can open. One
// request per connection.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "sidecar/base/loop.h"
#include "sidecar/control/api.h"
#include "src/base/result.h"

namespace gatehouse::control {

class Server {
public:
    Server(sidecar::Loop& loop, Services services);
    ~Server();

    Result<void> listen(const std::string& path, mode_t mode);

    /// Accepts no more and removes the socket.
    void close();

    static constexpr std::size_t largest_body = std::size_t{1} << 20;
    /// A key of a limit may be any argument of a command line (128 KiB), three bytes for each.
    static constexpr std::uint32_t largest_header = 512 << 10;
    static constexpr std::size_t most_connections = 64;
    static constexpr std::chrono::seconds read_limit{10};
    static constexpr std::chrono::seconds write_limit{30};

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gatehouse::control
