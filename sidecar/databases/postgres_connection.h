// One connection to PostgreSQL, which waits for nothing longer than its job allows.
//
// Invariants
//   1. Card SQL runs in a read-only transaction that is rolled back: nothing it sets outlasts it.
//      Two things are done outside of it: it is prepared, which runs nothing, and rolled back again
//      where it failed.
//   2. After a timeout or a stop the server is asked to cancel, and the connection is closed.
//
// Thread safety: one thread at a time.
#pragma once

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/databases/database.h"
#include "sidecar/databases/postgres_sql.h"
#include "sidecar/databases/postgres_types.h"

namespace gatehouse::databases {

struct ClearResult {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ClearResult>;

class PostgresConnection {
public:
    /// A statement's parameters as text; nothing is NULL.
    using Values = std::vector<std::optional<std::string>>;

    static Result<std::unique_ptr<PostgresConnection>> open(const config::DatabaseOptions& options,
                                                            const Job& job);

    PostgresConnection(const PostgresConnection&) = delete;
    PostgresConnection& operator=(const PostgresConnection&) = delete;
    ~PostgresConnection();

    Result<sidecar::Table> query(const std::string& sql, const sidecar::Arguments& arguments,
                                 const Job& job);

    /// Each query's rows, all as of one moment.
    Result<std::vector<sidecar::Table>> copy(const std::vector<std::string>& queries,
                                             const Job& job);

    /// Whether the server answers now. A stop is no answer.
    bool answers(std::chrono::milliseconds limit, const std::stop_token& stop = {});

    /// Whether the server still serves this connection. What it has closed, or said about its end,
    /// is seen without asking; it is asked where it has been silent for a while.
    bool is_alive(std::chrono::milliseconds limit);

    /// Runs statements of our own.
    Result<void> run(const char* sql, const Job& job);

    bool is_broken() const noexcept;

    /// The server is gone, which is more than that this connection is of no use any more.
    bool is_lost() const noexcept { return PQstatus(connection_) != CONNECTION_OK; }

    PGconn* handle() const noexcept { return connection_; }

private:
    /// A card's statement as the server has it.
    struct Statement {
        std::string name;
        std::string text;  ///< columns of types that nobody here knows are cast to text
        std::vector<std::string> parameters;
        std::vector<sidecar::Column> columns;
        std::vector<Oid> oids;     ///< as they are sent
        std::vector<Oid> made_of;  ///< as the SQL yields them
    };

    explicit PostgresConnection(PGconn* connection) : connection_(connection) {}

    Result<void> connected(Clock::time_point deadline, const std::stop_token& stop);
    Result<void> wait(short events, Clock::time_point deadline, const std::stop_token& stop);
    Result<void> flush(const Job& job);
    Result<PgResult> next_result(const Job& job);
    Result<PgResult> only_result(const Job& job);
    void drain(const Job& job);
    Result<void> prepare(const std::string& name, const std::string& sql, const Job& job);
    Result<const Statement*> prepared(const std::string& sql, const Job& job);
    Result<Statement> described(const std::string& sql, const Job& job);
    Result<sidecar::Table> run_prepared(const Statement& statement,
                                        const sidecar::Arguments& arguments, const Job& job);
    bool send_in_transaction(const Statement& statement, const Values& values);
    void leave_pipeline(const Job& job);
    Result<sidecar::Table> collect(const Statement& statement, const Job& job);
    Result<sidecar::Table> copy_one(const std::string& query, const Job& job);
    Result<sidecar::Table> collect_copy(const Statement& statement, const Job& job);
    void cancel();
    Error failure(const PGresult* result = nullptr);

    PGconn* connection_;
    std::map<std::string, Statement> statements_;  ///< all that the server has
    unsigned next_name_ = 0;
    bool given_up_ = false;
    Clock::time_point heard_;  ///< when the server last sent something
};

}  // namespace gatehouse::databases
