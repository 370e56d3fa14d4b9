#include "sidecar/engine/interrupter.h"

#include <utility>

namespace gatehouse::engine {

Interrupter::Interrupter(duckdb_connection connection, Clock::time_point deadline,
                         std::stop_token stop)
    : thread_([this, connection, deadline, stop = std::move(stop)](const std::stop_token& done) {
          run(done, connection, deadline, stop);
      })
{
}

void Interrupter::run(const std::stop_token& done, duckdb_connection connection,
                      Clock::time_point deadline, std::stop_token stop)
{
    const std::stop_callback wake(stop, [this] {
        const std::lock_guard lock(mutex_);
        changed_.notify_all();
    });
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, done, deadline, [&] { return stop.stop_requested(); });
    if (done.stop_requested()) {
        return;
    }
    cause_ = stop.stop_requested() ? Cause::stop : Cause::timeout;
    // Again and again: DuckDB forgets an interrupt when the connection's next query begins.
    do {
        duckdb_interrupt(connection);
        changed_.wait_for(lock, done, std::chrono::milliseconds(20), [] { return false; });
    } while (!done.stop_requested());
}

}  // namespace gatehouse::engine
