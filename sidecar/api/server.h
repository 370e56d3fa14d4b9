// HTTP/1.1 over the Unix socket that nginx proxies to: kept-alive connections, requests in turn,
// bodies read as fast as they are taken.
//
// It believes no header but Gate-Identity. A client that is slower than the limits say is hung up
// on; beyond most_connections, connections wait in the socket's queue, and idle ones make room.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/api.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/stream_socket.h"
#include "src/base/result.h"

namespace gatehouse::api {

/// Whom a Gate-Identity names; nothing: it is not to be believed. `path` is raw.
using Identify = std::function<std::optional<Caller>(
    std::string_view token, std::string_view method, std::string_view path)>;

struct Limits {
    std::size_t most_connections = 512;
    std::uint32_t largest_head = 64 << 10;     ///< bytes of line and fields
    std::chrono::milliseconds idle{75'000};    ///< until a request begins
    std::chrono::milliseconds head{10'000};    ///< from its first byte until its fields are there
    std::chrono::milliseconds piece{30'000};   ///< for each largest_piece of a body
    std::chrono::milliseconds write{30'000};   ///< for an answer, and a second for each 64 KiB
    std::chrono::milliseconds linger{10'000};  ///< for a body that nobody wants
    std::size_t largest_unwanted = 256 << 20;  ///< bytes of it that are read
};

class Server {
public:
    Server(sidecar::Loop& loop, Identify identify, Limits limits = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void add(std::vector<Route> routes);
    void set_fallback(std::function<void(const RequestPtr&, Reply)> handle);

    Result<void> listen(const sidecar::StreamSocket& socket);

    /// Accepts no more, ends idle connections, and every other one after its answer.
    void drain();

    /// Accepts no more, and removes the socket.
    void close();

    std::size_t connections() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gatehouse::api
