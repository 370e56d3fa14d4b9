// Tables in memory as relations: the table function gatehouse_rows(number) yields the rows of the
// tables that the calling connection holds under that number, one after another.
//
// Thread safety: any function may be called by any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/engine/duckdb.h"
#include "src/base/result.h"

namespace gatehouse::engine {

class HeldRows {
public:
    /// One connection's tables; they go with it. REQUIRES: neither the connection nor the HeldRows
    /// goes first, nor what was queried of the tables.
    class Lease {
    public:
        Lease(HeldRows& held, const Connection& connection);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        /// Returns what follows FROM to read the tables. REQUIRES: at least one, all of the same
        /// columns.
        std::string hold(std::vector<sidecar::Table> tables);

        /// Puts others in the place of those held as that number, counted from 0: what was prepared
        /// over them reads these from then on. REQUIRES: of the same columns; no query reads them.
        void replace(std::size_t number, std::vector<sidecar::Table> tables);

        /// Lets go of all tables; their numbers stay. REQUIRES: no query reads them.
        void release();

        std::uint64_t connection() const noexcept { return connection_; }

    private:
        HeldRows& held_;
        std::uint64_t connection_;
    };

    /// Adds the function to the database. REQUIRES: this object outlives the database.
    Result<void> register_function(const Connection& connection);

    /// Tables that may be replaced between queries.
    using Slot = std::shared_ptr<std::vector<sidecar::Table>>;

    /// Null: there is none.
    Slot find(std::uint64_t connection, std::uint64_t number) const;

private:
    mutable std::mutex mutex_;
    std::map<std::uint64_t, std::vector<Slot>> slots_;  // by connection
};

}  // namespace gatehouse::engine
