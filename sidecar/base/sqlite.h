// SQLite as values and errors: what of its C API the state needs.
//
// Thread safety: one thread at a time for each connection and its statements.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::sidecar {

class Statement {
public:
    // From 1 on, as in SQL.
    Statement& bind(int index, std::int64_t number);
    Statement& bind(int index, double number);
    Statement& bind(int index, std::string_view text);
    Statement& bind(int index, std::span<const std::uint8_t> blob);
    Statement& bind(int index, const std::optional<std::int64_t>& number);

    /// True: there is a row, whose columns may be read until the next call.
    Result<bool> step();

    /// Runs a statement that yields no rows, and makes it ready for other values.
    Result<void> run();

    // From 0 on. Views live until the next step().
    int columns() const { return sqlite3_column_count(statement_.get()); }
    int type(int column) const { return sqlite3_column_type(statement_.get(), column); }
    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::optional<std::int64_t> integer_or_null(int column) const;
    std::string_view text(int column) const;
    std::span<const std::uint8_t> blob(int column) const;

    void reset();

private:
    friend class Sqlite;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
    };

    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    bool bound_ = true;
};

class Sqlite {
public:
    enum class Access : bool { write, read };

    /// REQUIRES: the file is there.
    static Result<Sqlite> open(const std::string& path, Access access);

    /// Statements without values, one or several.
    Result<void> run(const char* sql);

    Result<Statement> prepare(std::string_view sql);

    /// The first column of the only row.
    Result<std::int64_t> number(std::string_view sql);

    /// Rows that the last statement changed.
    std::int64_t changes() const;

private:
    struct Close {
        void operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }
    };

    explicit Sqlite(sqlite3* connection) : connection_(connection) {}

    std::unique_ptr<sqlite3, Close> connection_;
};

/// Everything or nothing: what was not committed when it ends is undone.
class Transaction {
public:
    enum class Kind : bool { write, read };

    static Result<Transaction> begin(Sqlite& database, Kind kind = Kind::write);
    Transaction(Transaction&& other) noexcept : database_(other.database_)
    {
        other.database_ = nullptr;
    }
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    Result<void> commit();

private:
    explicit Transaction(Sqlite& database) : database_(&database) {}

    Sqlite* database_;
};

}  // namespace gatehouse::sidecar
