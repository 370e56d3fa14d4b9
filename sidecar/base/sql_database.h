// A database that keeps state, SQLite or PostgreSQL, asked in the SQL that both understand.
//
// Thread safety: one thread at a time. Every call blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "src/base/result.h"

namespace gatehouse::sidecar {

struct SqlBlob {
    std::string bytes;

    bool operator==(const SqlBlob&) const = default;
};

/// NULL, a whole number, a number, a text, bytes. A database answers with the type of the column.
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string, SqlBlob>;
using SqlRow = std::vector<SqlValue>;
using SqlRows = std::vector<SqlRow>;

/// T{} for NULL, and for a value of another type.
template <class T>
T value_of(const SqlValue& value)
{
    const auto* found = std::get_if<T>(&value);
    return found == nullptr ? T{} : *found;
}

class SqlDatabase {
public:
    SqlDatabase() = default;
    SqlDatabase(const SqlDatabase&) = delete;
    SqlDatabase& operator=(const SqlDatabase&) = delete;
    virtual ~SqlDatabase() = default;

    /// One statement; `$1` is the first of the values, and so on. REQUIRES: each stands in the SQL
    /// for the first time after the one before it.
    virtual Result<SqlRows> run(const std::string& sql, const std::vector<SqlValue>& values) = 0;
    Result<SqlRows> run(const std::string& sql) { return run(sql, {}); }

    /// Several statements without values.
    virtual Result<void> script(const std::string& sql) = 0;

    /// What begins a transaction that will write.
    virtual const char* begin() const noexcept = 0;
};

/// Everything or nothing: what was not committed when it ends is undone.
class SqlTransaction {
public:
    static Result<SqlTransaction> begin(SqlDatabase& database)
    {
        if (auto begun = database.script(database.begin()); !begun) {
            return begun.error();
        }
        return SqlTransaction{database};
    }

    SqlTransaction(SqlTransaction&& other) noexcept
        : database_(std::exchange(other.database_, nullptr))
    {
    }
    SqlTransaction& operator=(SqlTransaction&&) = delete;
    ~SqlTransaction()
    {
        if (database_ != nullptr) {
            (void)database_->script("rollback");
        }
    }

    Result<void> commit()
    {
        auto committed = database_->script("commit");
        if (committed) {
            database_ = nullptr;
        }
        return committed;
    }

private:
    explicit SqlTransaction(SqlDatabase& database) : database_(&database) {}

    SqlDatabase* database_;
};

}  // namespace gatehouse::sidecar
