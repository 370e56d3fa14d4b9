#include "sidecar/databases/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

#include "sidecar/base/sql_text.h"
#include "sidecar/databases/job_errors.h"
#include "sidecar/databases/postgres_table.h"

namespace gatehouse::databases {
namespace {

using sidecar::Table;
using std::chrono::milliseconds;

/// A stop is seen after this at the latest.
constexpr milliseconds look_again{50};
constexpr std::size_t most_statements = 64;
constexpr int most_cancels = 8;
constexpr int binary = 1;

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

struct ArgumentText {
    std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
    std::optional<std::string> operator()(bool value) const { return value ? "true" : "false"; }
    std::optional<std::string> operator()(std::int64_t value) const
    {
        return std::to_string(value);
    }
    std::optional<std::string> operator()(double value) const
    {
        std::array<char, 32> buffer{};
        const int size = std::snprintf(buffer.data(), buffer.size(), "%.17g", value);
        return std::string(buffer.data(), static_cast<std::size_t>(size));
    }
    std::optional<std::string> operator()(const std::string& value) const { return value; }
};

/// Each parameter's value as text, which the server reads by the type that it has found for it.
Result<std::vector<std::optional<std::string>>> values_of(const std::vector<std::string>& names,
                                                          const sidecar::Arguments& arguments)
{
    std::vector<std::optional<std::string>> values;
    for (const std::string& name : names) {
        const auto argument =
            std::find_if(arguments.begin(), arguments.end(),
                         [&](const sidecar::Argument& one) { return one.name == name; });
        if (argument == arguments.end()) {
            return sidecar::no_argument(name);
        }
        values.push_back(std::visit(ArgumentText{}, argument->value));
    }
    return values;
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
    std::thread([handle] {
        std::array<char, 256> error{};
        (void)PQcancel(handle, error.data(), error.size());
        PQfreeCancel(handle);
        under_way.fetch_sub(1);
    }).detach();
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
    // In single-row mode nothing waits, as long as rows come: a stop is looked for here too.
    if (job.stop.stop_requested() || Clock::now() >= job.deadline) {
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

bool PostgresConnection::answers(milliseconds limit)
{
    return run("", {Clock::now() + limit, 0, 0, {}}).operator bool();
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

Result<PgResult> PostgresConnection::described(const std::string& name, const std::string& sql,
                                               const Job& job)
{
    if (PQsendPrepare(connection_, name.c_str(), sql.c_str(), 0, nullptr) == 0) {
        return failure();
    }
    if (Result<PgResult> made = only_result(job); !made) {
        return made;
    }
    if (PQsendDescribePrepared(connection_, name.c_str()) == 0) {
        return failure();
    }
    return only_result(job);
}

Result<const PostgresConnection::Statement*> PostgresConnection::prepared(const std::string& sql,
                                                                          const Job& job)
{
    if (const auto known = statements_.find(sql); known != statements_.end()) {
        return &known->second;
    }
    if (statements_.size() >= most_statements) {
        statements_.clear();
        if (Result<void> gone = run("DEALLOCATE ALL", job); !gone) {
            return gone.error();
        }
    }
    Result<Statement> made = prepare(sql, job);
    if (!made) {
        return made.error();
    }
    return &statements_.emplace(sql, std::move(*made)).first->second;
}

/// Where types are unknown the statement is prepared a second time, with those cast to text.
Result<PostgresConnection::Statement> PostgresConnection::prepare(const std::string& sql,
                                                                  const Job& job)
{
    Result<NumberedSql> statement = numbered(sql);
    if (!statement) {
        return statement.error();
    }
    Statement made{"gatehouse_" + std::to_string(next_name_++), statement->parameters, {}, {}};
    Result<PgResult> result = described(made.name, statement->sql, job);
    if (!result) {
        return result.error();
    }
    std::string casts, placeholders;
    bool all_known = true;
    for (int i = 0; i < PQnfields(result->get()); ++i) {
        const std::string name = PQfname(result->get(), i);
        const Oid oid = PQftype(result->get(), i);
        const auto type = type_of(oid, PQfmod(result->get(), i));
        for (const sidecar::Column& other : made.columns) {
            if (other.name == name) {
                return Error{"the SQL yields two columns called " + sidecar::sql_identifier(name) +
                             "; rename one with AS"};
            }
        }
        const std::string placeholder = "c" + std::to_string(i);
        casts += (i == 0 ? "" : ", ") + placeholder + (type ? "" : "::text") + " AS " +
                 sidecar::sql_identifier(name);
        placeholders += (i == 0 ? "" : ", ") + placeholder;
        all_known = all_known && type.has_value();
        made.columns.push_back({name, type.value_or(sidecar::Type{.id = sidecar::TypeId::text})});
        made.oids.push_back(type ? oid : Oid{25});
    }
    if (all_known) {
        return made;
    }
    const std::string with_casts = "SELECT " + casts + " FROM (" + statement->sql +
                                   "\n) AS \"result of the card\"(" + placeholders + ")";
    made.name = "gatehouse_" + std::to_string(next_name_++);
    result = described(made.name, with_casts, job);
    return result ? Result<Statement>(std::move(made)) : result.error();
}

Result<Table> PostgresConnection::query(const std::string& sql, const sidecar::Arguments& arguments,
                                        const Job& job)
{
    for (int attempt = 1;; ++attempt) {
        if (Result<void> begun = run("BEGIN READ ONLY", job); !begun) {
            return begun.error();
        }
        Result<const Statement*> statement = prepared(sql, job);
        Result<Table> table = statement ? run_prepared(**statement, arguments, job)
                                        : Result<Table>(statement.error());
        drain(job);
        if (!given_up_ && PQstatus(connection_) == CONNECTION_OK) {
            if (Result<void> ended = run("ROLLBACK", job); !ended) {
                given_up_ = true;
            }
        }
        // The schema changed since it was prepared: once more, prepared anew.
        const bool outdated =
            !table && (table.error().message.starts_with("cached plan must not change") ||
                       table.error().message.ends_with("does not exist"));
        if (statements_.erase(table ? std::string() : sql) == 0 || !outdated || is_broken() ||
            attempt == 2) {
            return table;
        }
    }
}

Result<Table> PostgresConnection::run_prepared(const Statement& statement,
                                               const sidecar::Arguments& arguments, const Job& job)
{
    const auto values = values_of(statement.parameters, arguments);
    if (!values) {
        return values.error();
    }
    std::vector<const char*> texts;
    for (const auto& value : *values) {
        texts.push_back(value ? value->c_str() : nullptr);
    }
    if (PQsendQueryPrepared(connection_, statement.name.c_str(), static_cast<int>(texts.size()),
                            texts.data(), nullptr, nullptr, binary) == 0) {
        return failure();
    }
    PQsetSingleRowMode(connection_);
    if (Result<void> sent = flush(job); !sent) {
        return sent.error();
    }
    return collect(statement, job);
}

Result<Table> PostgresConnection::collect(const Statement& statement, const Job& job)
{
    PostgresTable table(statement.columns, statement.oids);
    for (;;) {
        const Result<PgResult> next = next_result(job);
        if (!next) {
            return next.error();
        }
        if (*next == nullptr) {
            return std::move(table).finish();
        }
        const PGresult* rows = next->get();
        const ExecStatusType status = PQresultStatus(rows);
        if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
            return failure(rows);
        }
        if (static_cast<std::size_t>(PQnfields(rows)) != statement.columns.size()) {
            return Error{"cached plan must not change result type"};
        }
        for (int row = 0; row < PQntuples(rows); ++row) {
            for (int i = 0; i < PQnfields(rows); ++i) {
                std::optional<std::string_view> value;
                if (PQgetisnull(rows, row, i) == 0) {
                    value.emplace(PQgetvalue(rows, row, i),
                                  static_cast<std::size_t>(PQgetlength(rows, row, i)));
                }
                if (Result<void> added = table.add(static_cast<std::size_t>(i), value); !added) {
                    cancel();
                    return added.error();
                }
            }
            if (Result<void> fits = table.end_row(job); !fits) {
                cancel();
                return fits.error();
            }
        }
    }
}

Result<std::vector<Table>> PostgresConnection::copy(const std::vector<std::string>& queries,
                                                    const Job& job)
{
    if (Result<void> begun = run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", job); !begun) {
        return begun.error();
    }
    std::vector<Table> tables;
    Result<void> all;
    for (const std::string& query : queries) {
        Result<Table> one = copy_one(query, job);
        if (!one) {
            all = one.error();
            break;
        }
        tables.push_back(std::move(*one));
    }
    drain(job);
    if (!given_up_ && PQstatus(connection_) == CONNECTION_OK) {
        if (Result<void> ended = run("ROLLBACK", job); !ended) {
            given_up_ = true;
        }
    }
    return all ? Result(std::move(tables)) : all.error();
}

Result<Table> PostgresConnection::copy_one(const std::string& query, const Job& job)
{
    const Result<Statement> statement = prepare(query, job);
    if (!statement) {
        return statement.error();
    }
    std::string casts;
    for (std::size_t i = 0; i < statement->columns.size(); ++i) {
        const std::string name = sidecar::sql_identifier(statement->columns[i].name);
        // What is text here may be of another type there.
        casts += (i == 0 ? "" : ", ") + name + (statement->oids[i] == 25 ? "::text" : "");
    }
    const std::string sql = "COPY (SELECT " + casts + " FROM (" + query +
                            "\n) AS \"rows of the source\") TO STDOUT (FORMAT binary)";
    if (PQsendQuery(connection_, sql.c_str()) == 0) {
        return failure();
    }
    if (Result<void> sent = flush(job); !sent) {
        return sent.error();
    }
    const Result<PgResult> started = next_result(job);
    if (!started) {
        return started.error();
    }
    if (PQresultStatus(started->get()) != PGRES_COPY_OUT) {
        return failure(started->get());
    }
    Result<Table> table = collect_copy(*statement, job);
    const Result<void> gone =
        table && !given_up_ ? run(("DEALLOCATE " + statement->name).c_str(), job) : Result<void>{};
    return gone ? std::move(table) : gone.error();
}

Result<Table> PostgresConnection::collect_copy(const Statement& statement, const Job& job)
{
    PostgresTable table(statement.columns, statement.oids);
    for (;;) {
        char* bytes = nullptr;
        const int size = PQgetCopyData(connection_, &bytes, 1);
        const std::unique_ptr<char, decltype(&PQfreemem)> owned(bytes, PQfreemem);
        if (size == 0) {
            Result<void> ready = wait(POLLIN, job.deadline, job.stop);
            if (!ready) {
                cancel();
                return ready.error();
            }
            if (PQconsumeInput(connection_) == 0) {
                return failure();
            }
            continue;
        }
        if (size < 0) {
            break;
        }
        const Result<bool> end = table.add_copied({bytes, static_cast<std::size_t>(size)}, job);
        if (!end || job.stop.stop_requested() || Clock::now() >= job.deadline) {
            cancel();
            return !end ? end.error() : job.stop.stop_requested() ? was_stopped() : took_too_long();
        }
    }
    const Result<PgResult> ended = only_result(job);
    return ended ? Result<Table>(std::move(table).finish()) : ended.error();
}

}  // namespace gatehouse::databases
