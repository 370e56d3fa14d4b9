// One connection to a SQLite file that can only read: an in-memory database to which the file is
// attached under the source's name, so that both `simulations` and `runs.simulations` are found.
//
// Invariants
//   1. SQL reads tables and calls functions, nothing else: no ATTACH, PRAGMA, writes, extensions.
//   2. A writer is never blocked for longer than one query reads, and in WAL mode not at all.
//
// Thread safety: one thread at a time.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sidecar/databases/database.h"

namespace gatehouse::databases {

/// What a file is, so that one that was replaced is known as another.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;

    bool operator==(const FileIdentity&) const = default;
};

class SqliteConnection {
public:
    static Result<std::unique_ptr<SqliteConnection>> open(const config::Source& source,
                                                          const Job& job);

    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;
    ~SqliteConnection();

    Result<sidecar::Table> query(const std::string& sql, const sidecar::Arguments& arguments,
                                 const Job& job);

    /// What `work` reads is as of one moment.
    Result<void> in_transaction(const Job& job, const std::function<Result<void>()>& work);

    /// Whether its file is still the one at the path.
    bool is_current() const;

    /// What became wrong with the connection itself: it is to be closed.
    bool is_broken() const noexcept { return broken_; }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
    class Guard;

    SqliteConnection(std::string path, std::chrono::milliseconds busy_timeout);

    Result<void> attach(const std::string& name);
    Result<void> run(const char* sql);
    Result<sqlite3_stmt*> prepared(const std::string& sql);
    Result<sidecar::Table> collect(sqlite3_stmt* statement);
    Error failure();
    Error failure_of_file(int code);
    bool is_over();
    static int on_progress(void* self);
    static int on_busy(void* self, int calls);
    static int authorize(void* self, int action, const char* first, const char* second,
                         const char* database, const char* view);

    std::string path_;
    std::chrono::milliseconds busy_timeout_;
    FileIdentity identity_;
    bool immutable_ = false;
    std::string stamp_;  // of the file when it was opened as one that nobody changes
    sqlite3* database_ = nullptr;
    std::map<std::string, Statement> statements_;
    const Job* job_ = nullptr;  // under way
    Clock::time_point busy_since_{};
    bool attaching_ = false;
    bool ours_ = true;   // the statement is our own: everything is allowed
    bool busy_ = false;  // a lock was not to be had in time
    bool broken_ = false;
};

/// The file's identity; nothing when it cannot be looked at.
std::optional<FileIdentity> identity_of(const std::string& path);

}  // namespace gatehouse::databases
