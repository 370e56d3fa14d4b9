#include "sidecar/base/bounded_postgres.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "sidecar/base/units.h"

namespace gatehouse::sidecar {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// The first line: what follows says where in the SQL, which is ours.
Error error_of(const char* message)
{
    std::string text{message};
    text.resize(std::min(text.find('\n'), text.size()));
    return Error{"PostgreSQL of \"state\": " + (text.empty() ? "no answer" : text)};
}

/// False: nothing happened until then.
bool wait(const PGconn* connection, short events, Clock::time_point end)
{
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(end - Clock::now()).count();
        pollfd socket{PQsocket(connection), events, 0};
        const int found = ::poll(&socket, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        if (found >= 0 || errno != EINTR) {
            return found > 0;
        }
    }
}

}  // namespace

Result<std::unique_ptr<BoundedPostgres>> BoundedPostgres::open(const std::string& url,
                                                               const PostgresLimits& limits)
{
    const std::array<const char*, 3> keywords{"dbname", "fallback_application_name", nullptr};
    const std::array<const char*, 3> values{url.c_str(), "gatehouse-state", nullptr};
    std::unique_ptr<BoundedPostgres> opened{new BoundedPostgres{
        PQconnectStartParams(keywords.data(), values.data(), 1), limits.connect}};
    if (auto connected = opened->connect(); !connected) {
        return connected.error();
    }
    const auto set =
        opened->ask("set lock_timeout = " + std::to_string(limits.lock.count()) +
                    "; set statement_timeout = " + std::to_string(limits.statement.count()));
    if (!set) {
        return set.error();
    }
    opened->patience_ = limits.silence;
    return opened;
}

Result<void> BoundedPostgres::connect()
{
    const auto end = Clock::now() + patience_;
    for (auto status = PGRES_POLLING_WRITING; status != PGRES_POLLING_OK;) {
        if (PQstatus(connection_.get()) == CONNECTION_BAD || status == PGRES_POLLING_FAILED) {
            return failure();
        }
        if (!wait(connection_.get(), status == PGRES_POLLING_READING ? POLLIN : POLLOUT, end)) {
            return silent();
        }
        status = PQconnectPoll(connection_.get());
    }
    PQsetnonblocking(connection_.get(), 1);
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    return {};
}

Result<BoundedPostgres::Answer> BoundedPostgres::ask(const Send& send)
{
    if (send(connection_.get()) == 0) {
        return failure();
    }
    if (auto sent = flush(); !sent) {
        return sent.error();
    }
    Answer last;
    for (;;) {
        auto more = next();
        if (!more) {
            return more;
        }
        if (*more == nullptr) {
            break;
        }
        last = std::move(*more);
    }
    if (last == nullptr) {
        return failure();
    }
    const auto status = PQresultStatus(last.get());
    const bool good =
        status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
    return good ? Result<Answer>{std::move(last)} : error_of(PQresultErrorMessage(last.get()));
}

Result<BoundedPostgres::Answer> BoundedPostgres::ask(const std::string& sql)
{
    return ask([&](PGconn* connection) { return PQsendQuery(connection, sql.c_str()); });
}

bool BoundedPostgres::is_connected() const noexcept
{
    return !given_up_ && PQstatus(connection_.get()) == CONNECTION_OK;
}

Result<void> BoundedPostgres::flush()
{
    for (;;) {
        const int left = PQflush(connection_.get());
        if (left == 0) {
            return {};
        }
        if (left > 0 && !wait(connection_.get(), POLLIN | POLLOUT, Clock::now() + patience_)) {
            return silent();
        }
        if (left < 0 || PQconsumeInput(connection_.get()) == 0) {
            return failure();
        }
    }
}

/// Null at the end of the results.
Result<BoundedPostgres::Answer> BoundedPostgres::next()
{
    while (PQisBusy(connection_.get()) != 0) {
        if (!wait(connection_.get(), POLLIN, Clock::now() + patience_)) {
            return silent();
        }
        if (PQconsumeInput(connection_.get()) == 0) {
            return failure();
        }
    }
    return Answer{PQgetResult(connection_.get())};
}

Error BoundedPostgres::failure() const
{
    return error_of(PQerrorMessage(connection_.get()));
}

Error BoundedPostgres::silent()
{
    given_up_ = true;
    return error_of(
        ("the server does not answer: nothing came from it within " + format_duration(patience_))
            .c_str());
}

}  // namespace gatehouse::sidecar
