#include "sidecar/databases/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "sidecar/databases/job_errors.h"

namespace gatehouse::databases {
namespace {

using std::chrono::milliseconds;

/// A stop is seen after this at the latest.
constexpr milliseconds look_again{50};
constexpr int most_cancels = 8;
/// A server that was heard of since then is not asked whether it is still there.
constexpr milliseconds trusted{1'000};

milliseconds until(Clock::time_point end)
{
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    return std::clamp(left, milliseconds{0}, look_again);
}

/// libpq's messages have lines of their own, and end with a newline.
std::string one_line(const char* message)
{
    std::string text(message != nullptr ? message : "");
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
        text.pop_back();
    }
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at)) {
        text.replace(at, 1, "; ");
    }
    return text.substr(0, 600);
}

bool starts_with_class(const PGresult* result, std::string_view prefix)
{
    const char* state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    return state != nullptr && std::string_view(state).starts_with(prefix);
}

}  // namespace

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(
    const config::DatabaseOptions& options, const Job& job)
{
    const std::array<const char*, 4> keywords{"dbname", "application_name", "client_encoding",
                                              nullptr};
    const std::array<const char*, 4> values{options.url.c_str(), options.application_name.c_str(),
                                            "UTF8", nullptr};
    std::unique_ptr<PostgresConnection> opened(
        new PostgresConnection(PQconnectStartParams(keywords.data(), values.data(), 1)));
    if (opened->connection_ == nullptr || PQstatus(opened->connection_) == CONNECTION_BAD) {
        return opened->failure();
    }
    const auto end = std::min(job.deadline, Clock::now() + options.connect_timeout);
    if (Result<void> connected = opened->connected(end, job.stop); !connected) {
        return connected.error();
    }
    PQsetnonblocking(opened->connection_, 1);
    PQsetNoticeProcessor(
        opened->connection_, [](void*, const char*) {}, nullptr);
    const std::string settings =
        "SET default_transaction_read_only = on; SET TimeZone = 'UTC'; SET statement_timeout = " +
        std::to_string(options.statement_timeout.count());
    if (Result<void> set = opened->run(settings.c_str(), job); !set) {
        return set.error();
    }
    return opened;
}

PostgresConnection::~PostgresConnection()
{
    PQfinish(connection_);
}

Result<void> PostgresConnection::connected(Clock::time_point deadline, const std::stop_token& stop)
{
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
        const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (Result<void> ready = wait(events, deadline, stop); !ready) {
            given_up_ = true;
            return stop.stop_requested()
                       ? ready
                       : Error{
                             "the server did not answer within \"connect_timeout\"; see that it "
                             "runs and can be reached, or raise it"};
        }
        status = PQconnectPoll(connection_);
        if (status == PGRES_POLLING_FAILED) {
            return failure();
        }
    }
    return {};
}

Result<void> PostgresConnection::wait(short events, Clock::time_point deadline,
                                      const std::stop_token& stop)
{
    for (;;) {
        pollfd socket{PQsocket(connection_), events, 0};
        const int ready = ::poll(&socket, 1, static_cast<int>(until(deadline).count()));
        if (ready > 0) {
            return {};
        }
        if (ready < 0 && errno != EINTR) {
            return Error{"waiting for the server failed"};
        }
        if (stop.stop_requested()) {
            return was_stopped();
        }
        if (Clock::now() >= deadline) {
            return took_too_long();
        }
    }
}

/// Asks the server to end what it does. libpq does that on a connection of its own and waits for
/// it, so it gets a thread; where many of those hang, the server is left to itself.
void PostgresConnection::cancel()
{
    static std::atomic<int> under_way{0};
    given_up_ = true;
    PGcancel* handle = PQgetCancel(connection_);
    if (handle == nullptr || under_way.fetch_add(1) >= most_cancels) {
        under_way.fetch_sub(handle != nullptr ? 1 : 0);
        PQfreeCancel(handle);
        return;
    }
    try {
        std::thread([handle] {
            std::array<char, 256> error{};
            (void)PQcancel(handle, error.data(), error.size());
            PQfreeCancel(handle);
            under_way.fetch_sub(1);
        }).detach();
    } catch (const std::system_error&) {
        PQfreeCancel(handle);
        under_way.fetch_sub(1);
    }
}

Result<void> PostgresConnection::flush(const Job& job)
{
    for (;;) {
        const int left = PQflush(connection_);
        if (left == 0) {
            return {};
        }
        if (left < 0) {
            return failure();
        }
        if (Result<void> ready = wait(POLLIN | POLLOUT, job.deadline, job.stop); !ready) {
            cancel();
            return ready;
        }
        if (PQconsumeInput(connection_) == 0) {
            return failure();
        }
    }
}

/// Null at the end of the results.
Result<PgResult> PostgresConnection::next_result(const Job& job)
{
    while (PQisBusy(connection_) != 0) {
        if (Result<void> ready = wait(POLLIN, job.deadline, job.stop); !ready) {
            cancel();
            return ready.error();
        }
        if (PQconsumeInput(connection_) == 0) {
            return failure();
        }
    }
    heard_ = Clock::now();
    // In single-row mode nothing waits, as long as rows come: a stop is looked for here too.
    if (job.stop.stop_requested() || heard_ >= job.deadline) {
        cancel();
        return job.stop.stop_requested() ? was_stopped() : took_too_long();
    }
    return PgResult(PQgetResult(connection_));
}

/// The last of the results, which is the only one, or the first that is an error.
Result<PgResult> PostgresConnection::only_result(const Job& job)
{
    if (Result<void> sent = flush(job); !sent) {
        return sent.error();
    }
    PgResult last;
    for (;;) {
        Result<PgResult> next = next_result(job);
        if (!next) {
            return next;
        }
        if (*next == nullptr) {
            break;
        }
        const bool failed = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
        last = failed ? std::move(last) : std::move(*next);
    }
    const ExecStatusType status = last ? PQresultStatus(last.get()) : PGRES_FATAL_ERROR;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        return failure(last.get());
    }
    return last;
}

/// Takes what is left of results, so that the connection can be used again.
void PostgresConnection::drain(const Job& job)
{
    while (!given_up_ && PQstatus(connection_) == CONNECTION_OK) {
        const Result<PgResult> next = next_result(job);
        if (!next || *next == nullptr) {
            return;
        }
        if (PQresultStatus(next->get()) == PGRES_COPY_OUT) {
            cancel();  // rows that nobody wants: closed with the connection
        }
    }
}

Result<void> PostgresConnection::run(const char* sql, const Job& job)
{
    if (PQsendQuery(connection_, sql) == 0) {
        return failure();
    }
    const Result<PgResult> done = only_result(job);
    return done ? Result<void>{} : done.error();
}

bool PostgresConnection::is_broken() const noexcept
{
    return given_up_ || PQstatus(connection_) != CONNECTION_OK ||
           PQtransactionStatus(connection_) != PQTRANS_IDLE;
}

bool PostgresConnection::is_alive(milliseconds limit)
{
    pollfd socket{PQsocket(connection_), POLLIN, 0};
    while (::poll(&socket, 1, 0) > 0) {
        if (PQconsumeInput(connection_) == 0) {
            return false;
        }
    }
    return !is_lost() && (Clock::now() - heard_ < trusted || answers(limit));
}

bool PostgresConnection::answers(milliseconds limit, const std::stop_token& stop)
{
    return run("", {Clock::now() + limit, 0, 0, stop}).operator bool();
}

Error PostgresConnection::failure(const PGresult* result)
{
    const bool lost = connection_ == nullptr || PQstatus(connection_) != CONNECTION_OK;
    std::string text = one_line(result != nullptr && !lost ? PQresultErrorMessage(result)
                                                           : PQerrorMessage(connection_));
    for (const std::string_view prefix : {"ERROR:  ", "FATAL:  "}) {
        if (text.starts_with(prefix)) {
            text.erase(0, prefix.size());
        }
    }
    if (starts_with_class(result, "57014")) {
        return {"the server ended it (" + text +
                "); have it compute less, or raise \"statement_timeout\""};
    }
    if (starts_with_class(result, "25006")) {
        return {"the SQL may only read (" + text + ")"};
    }
    if (lost) {
        return {"PostgreSQL: " + (text.empty() ? "the connection is lost" : text)};
    }
    return {text};
}

}  // namespace gatehouse::databases
