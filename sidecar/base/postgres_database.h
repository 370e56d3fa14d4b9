// SqlDatabase over a PostgreSQL connection, in the schema `gatehouse`. A connection that was lost
// is made anew by the next call outside of a transaction.
#pragma once

#include <memory>
#include <string>

#include "sidecar/base/bounded_postgres.h"
#include "sidecar/base/sql_database.h"

namespace gatehouse::sidecar {

class PostgresDatabase : public SqlDatabase {
public:
    /// What to do where the schema is not there.
    enum class Missing : bool { create, leave };

    /// Errors never show the URL, which may hold a password.
    static Result<std::unique_ptr<PostgresDatabase>> open(const std::string& url,
                                                          Missing missing = Missing::create,
                                                          const PostgresLimits& limits = {});
    ~PostgresDatabase() override;

    Result<SqlRows> run(const std::string& sql, const std::vector<SqlValue>& values) override;
    Result<void> script(const std::string& sql) override;
    const char* begin() const noexcept override { return "begin"; }

private:
    struct State;
    explicit PostgresDatabase(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::sidecar
