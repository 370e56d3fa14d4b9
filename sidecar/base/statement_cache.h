// Statements that are prepared once: preparing one takes longer than running it.
//
// Thread safety: as of the connection. One use at a time for each text.
#pragma once

#include <map>
#include <string_view>
#include <utility>

#include "sidecar/base/sqlite.h"

namespace gatehouse::sidecar {

/// A statement of the cache in use; ready for other values when it ends, so that no read of it
/// stays open.
class LentStatement {
public:
    explicit LentStatement(Statement& statement) noexcept : statement_(&statement) {}
    LentStatement(LentStatement&& other) noexcept
        : statement_(std::exchange(other.statement_, nullptr))
    {
    }
    LentStatement& operator=(LentStatement&&) = delete;
    ~LentStatement()
    {
        if (statement_ != nullptr) {
            statement_->reset();
        }
    }

    Statement* operator->() const noexcept { return statement_; }
    Statement& operator*() const noexcept { return *statement_; }

private:
    Statement* statement_;
};

class StatementCache {
public:
    /// REQUIRES: the database outlives this.
    explicit StatementCache(Sqlite& database) noexcept : database_(&database) {}

    /// REQUIRES: `sql` is a literal.
    Result<LentStatement> lend(std::string_view sql)
    {
        auto found = statements_.find(sql);
        if (found == statements_.end()) {
            auto prepared = database_->prepare(sql);
            if (!prepared) {
                return prepared.error();
            }
            found = statements_.emplace(sql, std::move(*prepared)).first;
        }
        return LentStatement{found->second};
    }

private:
    Sqlite* database_;
    std::map<std::string_view, Statement> statements_;
};

}  // namespace gatehouse::sidecar
