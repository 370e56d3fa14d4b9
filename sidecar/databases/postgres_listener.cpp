#include "sidecar/databases/postgres_listener.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "sidecar/base/log.h"
#include "sidecar/base/sql_text.h"

namespace gatehouse::databases {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{250};
constexpr milliseconds longest_pause{30'000};
constexpr milliseconds step{50};

void rest(milliseconds pause, const std::stop_token& stop)
{
    const auto end = Clock::now() + pause;
    while (!stop.stop_requested() && Clock::now() < end) {
        std::this_thread::sleep_for(std::min(step, pause));
    }
}

Job job_of(const config::DatabaseOptions& options, const std::stop_token& stop)
{
    return {Clock::now() + options.connect_timeout, 0, 0, stop};
}

}  // namespace

PostgresListener::PostgresListener(config::DatabaseOptions options, std::function<void()> changed,
                                   milliseconds silence)
    : options_(std::move(options)),
      changed_(std::move(changed)),
      silence_(silence),
      thread_([this](const std::stop_token& stop) { run(stop); })
{
}

std::optional<std::uint64_t> PostgresListener::count() const
{
    return listening_ ? std::optional(count_.load()) : std::nullopt;
}

void PostgresListener::tell()
{
    ++count_;
    changed_();
}

void PostgresListener::run(const std::stop_token& stop)
{
    auto pause = first_pause;
    bool said = false;
    while (!stop.stop_requested()) {
        auto connection = PostgresConnection::open(options_, job_of(options_, stop));
        const std::string listen_sql = "LISTEN " + sidecar::sql_identifier(options_.notify);
        Result<void> ready = connection
                                 ? (*connection)->run(listen_sql.c_str(), job_of(options_, stop))
                                 : connection.error();
        if (ready) {
            pause = first_pause;
            said = false;
            listening_ = true;
            tell();  // whatever happened before
            listen(**connection, stop);
            listening_ = false;
            if (!stop.stop_requested()) {
                tell();
            }
        }
        if (!stop.stop_requested() && !std::exchange(said, true)) {
            sidecar::log::warning("not listening", {{"channel", options_.notify},
                                                    {"error", ready ? "the connection is lost"
                                                                    : ready.error().message},
                                                    {"now", "connecting again"}});
        }
        rest(pause, stop);
        pause = std::min(pause * 2, longest_pause);
    }
}

/// Returns when the connection is lost, or at a stop.
bool PostgresListener::listen(PostgresConnection& connection, const std::stop_token& stop)
{
    auto heard = Clock::now();
    while (!stop.stop_requested()) {
        pollfd socket{PQsocket(connection.handle()), POLLIN, 0};
        const int ready = ::poll(&socket, 1, static_cast<int>(step.count()));
        if (ready > 0) {
            heard = Clock::now();
            if (PQconsumeInput(connection.handle()) == 0) {
                return false;
            }
        } else if (Clock::now() - heard > silence_) {
            if (!connection.answers(options_.connect_timeout, stop)) {
                return false;
            }
            heard = Clock::now();
        }
        bool notified = false;
        while (PGnotify* note = PQnotifies(connection.handle())) {
            notified = true;
            PQfreemem(note);
        }
        if (notified) {
            tell();
        }
    }
    return true;
}

}  // namespace gatehouse::databases
