// A database as a source: what a card's SQL is run by, and tables are loaded from.
//
// Thread safety: any function may be called by any thread. Those that take a Job block, for little
// more than its time: call them on the pool.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sidecar/base/arguments.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::databases {

using Clock = std::chrono::steady_clock;

/// What bounds one piece of work.
struct Job {
    Clock::time_point deadline;
    std::uint64_t max_rows = 0;
    std::uint64_t max_bytes = 0;
    std::stop_token stop{};
};

/// Connections of one source, as they are now.
struct PoolState {
    std::uint64_t size = 0;    ///< kept at most
    std::uint64_t in_use = 0;  ///< overflow among them
    std::uint64_t idle = 0;
    std::uint64_t overflow = 0;  ///< open beyond size
    std::uint64_t waiting = 0;   ///< computations that wait for one
    double wait_seconds = 0;     ///< waited by all, since the start
};

struct Status {
    PoolState pool;
    bool up = false;         ///< the last attempt to reach it succeeded
    bool known = false;      ///< there was one
    std::string last_error;  ///< of the last failed attempt to reach it; it may be up again
};

class Database {
public:
    virtual ~Database() = default;

    /// Runs one statement of the database's own SQL, which can only read. An error's message says
    /// what is wrong and what to do, and names file or server, but not the source.
    virtual Result<sidecar::Table> query(const std::string& sql,
                                         const sidecar::Arguments& arguments, const Job& job) = 0;

    /// Reads tables whole, all as of one moment. `tables` are names as in `schema.table` or
    /// `table`; an empty one is what the source's "table" or "query" says.
    virtual Result<std::vector<sidecar::Table>> load(const std::vector<std::string>& tables,
                                                     const Job& job) = 0;

    /// Two equal marks: nothing has changed in between. Nothing: nobody can tell.
    virtual Result<std::optional<std::string>> mark() = 0;

    virtual Status status() const = 0;

    /// SQL whose first two columns are the name and the kind of each table and view.
    virtual std::string tables_sql() const = 0;

    /// From here on `changed` is not called any more.
    virtual void stop_listening() {}
};

/// Whether sources of this kind are databases.
bool is_database(const std::string& kind) noexcept;

/// `changed` is called, by any thread, when the database itself says that something has changed.
std::shared_ptr<Database> open(const config::Source& source, std::function<void()> changed);

}  // namespace gatehouse::databases
