// kind "sqlite": a pool of connections to one file.
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "sidecar/base/sql_text.h"
#include "sidecar/databases/kinds.h"
#include "sidecar/databases/own_relation.h"
#include "sidecar/databases/pool.h"
#include "sidecar/databases/sqlite_connection.h"
#include "src/base/unique_fd.h"

namespace gatehouse::databases {
namespace {

using sidecar::Table;

/// A file that was replaced or is rewritten under us: once more, with a new connection.
constexpr int most_attempts = 3;

std::string stamp(const std::string& path)
{
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return "-";
    }
    return std::to_string(info.st_dev) + ':' + std::to_string(info.st_ino) + ':' +
           std::to_string(info.st_size) + ':' + std::to_string(info.st_mtim.tv_sec) + '.' +
           std::to_string(info.st_mtim.tv_nsec);
}

/// The file's first bytes, as hexadecimal text.
std::string head_of(const std::string& path, std::size_t from, std::size_t size)
{
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    unsigned char bytes[64]{};
    const ssize_t got = fd ? ::pread(fd.get(), bytes, size, static_cast<off_t>(from)) : 0;
    std::string text;
    for (ssize_t i = 0; i < got; ++i) {
        text += "0123456789abcdef"[bytes[i] >> 4];
        text += "0123456789abcdef"[bytes[i] & 15];
    }
    return text;
}

/// Whoever closes a file drops all locks that its table of descriptors has on it (fcntl(2)): those,
/// too, by which SQLite here keeps other programs from taking -wal and -shm away. So this has a
/// table of its own; where it gets none, what stat tells must do.
std::string heads_of(const std::string& path)
{
    std::string heads;
    std::thread{[&] {
        if (::unshare(CLONE_FILES) == 0) {
            heads = head_of(path, 24, 4) + ' ' + head_of(path + "-shm", 0, 48);
        }
    }}.join();
    return heads;
}

class Sqlite final : public Database {
public:
    explicit Sqlite(const config::Source& source)
        : source_(source),
          pool_(
              {.size = source.database.pool_size,
               .overflow = source.database.max_overflow,
               .timeout = source.database.pool_timeout,
               .recycle = source.database.recycle},
              [this](const Job& job) { return SqliteConnection::open(source_, job); },
              [](SqliteConnection& connection) { return connection.is_current(); })
    {
    }

    Result<Table> query(const std::string& sql, const sidecar::Arguments& arguments,
                        const Job& job) override
    {
        const std::string full = with_own_relation(sql, source_);
        return with_connection<Table>(job, [&](SqliteConnection& connection) {
            return connection.query(full, arguments, job);
        });
    }

    Result<std::vector<Table>> load(const std::vector<std::string>& tables, const Job& job) override
    {
        return with_connection<std::vector<Table>>(
            job, [&](SqliteConnection& connection) { return load_with(connection, tables, job); });
    }

    /// What a commit changes: in WAL mode the head of the -shm, else the file's change counter; and
    /// what stat tells, for a file that was replaced.
    Result<std::optional<std::string>> mark() override
    {
        const std::string& path = source_.paths.at(0);
        return std::optional(stamp(path) + ' ' + stamp(path + "-wal") + ' ' + heads_of(path));
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
        return "SELECT name, upper(type) AS type FROM " + sidecar::sql_identifier(source_.name) +
               ".sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
               "ESCAPE '\\' ORDER BY name";
    }

private:
    template <class T, class Work>
    Result<T> with_connection(const Job& job, Work work)
    {
        for (int i = 1;; ++i) {
            auto lease = pool_.acquire(job);
            if (!lease) {
                note(lease.error().message);
                return lease.error();
            }
            Result<T> done = work(**lease);
            const bool broken = (*lease)->is_broken();
            const bool replaced = !(*lease)->is_current();
            if (broken || replaced) {
                lease->discard();
            }
            note(!done && broken ? done.error().message : "");
            if (done || !broken || !replaced || i == most_attempts) {
                return done;
            }
        }
    }

    Result<std::vector<Table>> load_with(SqliteConnection& connection,
                                         const std::vector<std::string>& tables, const Job& job)
    {
        std::vector<Table> loaded;
        Result<void> done = connection.in_transaction(job, [&]() -> Result<void> {
            for (const std::string& table : tables) {
                const std::string sql = table.empty() ? own_query(source_).value_or("")
                                                      : "SELECT * FROM " + quoted_table(table);
                Result<Table> one = connection.query(sql, {}, job);
                if (!one) {
                    return one.error();
                }
                loaded.push_back(std::move(*one));
            }
            return {};
        });
        return done ? Result(std::move(loaded)) : done.error();
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
    ConnectionPool<SqliteConnection> pool_;
    mutable std::mutex mutex_;
    Status status_;
};

}  // namespace

std::shared_ptr<Database> open_sqlite(const config::Source& source)
{
    return std::make_shared<Sqlite>(source);
}

}  // namespace gatehouse::databases
