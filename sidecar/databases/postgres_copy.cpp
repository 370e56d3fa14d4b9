// Tables read whole, by COPY in binary.
#include <poll.h>

#include <utility>

#include "sidecar/base/sql_text.h"
#include "sidecar/databases/job_errors.h"
#include "sidecar/databases/postgres_connection.h"
#include "sidecar/databases/postgres_table.h"

namespace gatehouse::databases {

using sidecar::Table;

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
    const Result<Statement> statement = described(query, job);
    if (!statement) {
        return statement.error();
    }
    std::string casts;
    for (std::size_t i = 0; i < statement->columns.size(); ++i) {
        const std::string name = sidecar::sql_identifier(statement->columns[i].name);
        // What is text here may be of another type there.
        casts += (i == 0 ? "" : ", ") +
                 (statement->oids[i] == 25 ? as_text(name, statement->made_of[i]) : name);
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
    return collect_copy(*statement, job);
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
