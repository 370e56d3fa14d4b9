// kind "postgres": a pool of connections to one server, and one that listens.
#include <mutex>
#include <utility>

#include "sidecar/databases/job_errors.h"
#include "sidecar/databases/kinds.h"
#include "sidecar/databases/own_relation.h"
#include "sidecar/databases/pool.h"
#include "sidecar/databases/postgres_connection.h"
#include "sidecar/databases/postgres_listener.h"

namespace gatehouse::databases {
namespace {

using sidecar::Table;

constexpr std::chrono::milliseconds ping_limit{2'000};
constexpr int most_attempts = 2;

class Postgres final : public Database {
public:
    Postgres(const config::Source& source, std::function<void()> changed)
        : source_(source),
          pool_(
              {.size = source.database.pool_size,
               .overflow = source.database.max_overflow,
               .timeout = source.database.pool_timeout,
               .recycle = source.database.recycle},
              [this](const Job& job) { return PostgresConnection::open(source_.database, job); },
              [this](PostgresConnection& connection) { return serves(connection); })
    {
        if (!source.database.notify.empty()) {
            listener_ = std::make_unique<PostgresListener>(source.database, std::move(changed));
        }
    }

    Result<Table> query(const std::string& sql, const sidecar::Arguments& arguments,
                        const Job& job) override
    {
        const std::string full = own_query(source_) ? with_own_relation(sql, source_)
                                                    : without_source_name(sql, source_.name);
        return with_connection<Table>(job, [&](PostgresConnection& connection) {
            return connection.query(full, arguments, job);
        });
    }

    Result<std::vector<Table>> load(const std::vector<std::string>& tables, const Job& job) override
    {
        std::vector<std::string> queries;
        for (const std::string& table : tables) {
            queries.push_back(table.empty() ? own_query(source_).value_or("")
                                            : "SELECT * FROM " + quoted_table(table));
        }
        return with_connection<std::vector<Table>>(
            job, [&](PostgresConnection& connection) { return connection.copy(queries, job); });
    }

    /// What was notified of; without a channel nobody can tell.
    Result<std::optional<std::string>> mark() override
    {
        const std::lock_guard lock(listening_);
        const auto count = listener_ ? listener_->count() : std::nullopt;
        return count ? std::optional(std::to_string(*count)) : std::nullopt;
    }

    Status status() const override
    {
        const std::lock_guard lock(mutex_);
        Status status = status_;
        status.pool = pool_.state();
        return status;
    }

    std::string tables_sql() const override
    {
        return "SELECT table_schema || '.' || table_name AS name, table_type AS type FROM "
               "information_schema.tables WHERE table_schema NOT IN ('pg_catalog', "
               "'information_schema') ORDER BY 1";
    }

    void stop_listening() override
    {
        const std::lock_guard lock(listening_);
        listener_.reset();
    }

private:
    bool serves(PostgresConnection& connection) const
    {
        return !connection.is_broken() &&
               (!source_.database.pre_ping || connection.is_alive(ping_limit));
    }

    template <class T, class Work>
    Result<T> with_connection(const Job& job, Work work)
    {
        for (int attempt = 1;; ++attempt) {
            auto lease = pool_.acquire(job);
            if (!lease) {
                note(lease.error().message);
                return lease.error();
            }
            Result<T> done = work(**lease);
            const bool lost = (*lease)->is_lost();
            if ((*lease)->is_broken()) {
                lease->discard();
            }
            note(!done && lost ? done.error().message : "");
            // A server that restarts may have ended it since it was looked at.
            if (done || !lost || !source_.database.pre_ping || attempt == most_attempts) {
                return done;
            }
        }
    }

    void note(const std::string& error)
    {
        const std::lock_guard lock(mutex_);
        status_.known = true;
        status_.up = error.empty();
        if (!error.empty()) {
            status_.last_error = error;
        }
    }

    const config::Source source_;
    ConnectionPool<PostgresConnection> pool_;
    mutable std::mutex mutex_;
    Status status_;
    std::mutex listening_;  // apart: ending the listener waits for its thread
    std::unique_ptr<PostgresListener> listener_;
};

}  // namespace

std::shared_ptr<Database> open_postgres(const config::Source& source, std::function<void()> changed)
{
    return std::make_shared<Postgres>(source, std::move(changed));
}

}  // namespace gatehouse::databases
