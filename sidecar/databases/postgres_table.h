// Rows in PostgreSQL's binary form, collected to a table.
//
// Thread safety: one thread at a time.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sidecar/databases/database.h"
#include "sidecar/databases/postgres_types.h"

namespace gatehouse::databases {

class PostgresTable {
public:
    PostgresTable(std::vector<sidecar::Column> columns, std::vector<Oid> oids);

    /// Adds a row's next value; nothing: NULL.
    Result<void> add(std::size_t column, std::optional<std::string_view> bytes);

    /// Ends the row. Fails when the table is too large for the job.
    Result<void> end_row(const Job& job);

    /// Adds what COPY … (FORMAT binary) sent at once: its header or a row, or both. True: that was
    /// the end.
    Result<bool> add_copied(std::string_view bytes, const Job& job);

    sidecar::Table finish() &&;

private:
    Result<bool> add_tuple(std::string_view& bytes, const Job& job);

    std::vector<sidecar::Column> columns_;
    std::vector<Oid> oids_;
    std::vector<sidecar::VectorWriter> writers_;
    std::uint64_t rows_ = 0;
    bool header_read_ = false;
};

}  // namespace gatehouse::databases
