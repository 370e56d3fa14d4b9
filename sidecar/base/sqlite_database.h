// SqlDatabase over a SQLite connection.
#pragma once

#include <string>

#include "sidecar/base/sql_database.h"
#include "sidecar/base/sqlite.h"

namespace gatehouse::sidecar {

class SqliteDatabase : public SqlDatabase {
public:
    explicit SqliteDatabase(Sqlite connection) : connection_(std::move(connection)) {}

    Result<SqlRows> run(const std::string& sql, const std::vector<SqlValue>& values) override;
    Result<void> script(const std::string& sql) override;
    const char* begin() const noexcept override { return "begin immediate"; }

private:
    Sqlite connection_;
};

}  // namespace gatehouse::sidecar
