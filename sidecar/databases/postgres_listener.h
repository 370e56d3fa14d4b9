// LISTEN on one channel: tells of each notification, and of each time that some may have been
// missed.
//
// Thread safety: any function may be called by any thread; `changed` is called by its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "sidecar/config/types.h"
#include "sidecar/databases/postgres_connection.h"

namespace gatehouse::databases {

class PostgresListener {
public:
    /// Connects in the background, again and again when it must. After `silence` the server is
    /// asked for a sign of life.
    PostgresListener(config::DatabaseOptions options, std::function<void()> changed,
                     std::chrono::milliseconds silence = std::chrono::seconds(15));

    /// How often something has changed or may have; nothing while it is not listening.
    std::optional<std::uint64_t> count() const;

private:
    void run(const std::stop_token& stop);
    bool listen(PostgresConnection& connection, const std::stop_token& stop);
    void tell();

    const config::DatabaseOptions options_;
    const std::function<void()> changed_;
    const std::chrono::milliseconds silence_;
    std::atomic<bool> listening_{false};
    std::atomic<std::uint64_t> count_{0};
    std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace gatehouse::databases
