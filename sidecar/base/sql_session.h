// A connection to a database that keeps state, opened when it is first needed and anew after a
// statement on it has failed.
//
// Thread safety: one thread at a time. Every call blocks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sidecar/base/sql_database.h"
#include "src/base/result.h"

namespace gatehouse::sidecar {

class SqlSession {
public:
    using Connect = std::function<Result<std::unique_ptr<SqlDatabase>>()>;

    explicit SqlSession(Connect connect) : connect_(std::move(connect)) {}

    /// Who uses it calls lose() after a failure.
    Result<SqlDatabase*> database()
    {
        if (!database_) {
            auto made = connect_();
            if (!made) {
                return made.error();
            }
            database_ = std::move(*made);
        }
        return database_.get();
    }

    void lose() noexcept { database_.reset(); }

    /// What `work` does with the connection: it gets an SqlDatabase& and returns a Result.
    template <class Work>
    std::invoke_result_t<Work, SqlDatabase&> use(const Work& work)
    {
        const auto connected = database();
        if (!connected) {
            return connected.error();
        }
        auto done = work(**connected);
        if (!done) {
            lose();
        }
        return done;
    }

    /// One statement; see SqlDatabase::run.
    Result<SqlRows> run(const std::string& sql, const std::vector<SqlValue>& values = {})
    {
        return use([&](SqlDatabase& database) { return database.run(sql, values); });
    }

    /// As use(), all or nothing.
    template <class Work>
    std::invoke_result_t<Work, SqlDatabase&> transact(const Work& work)
    {
        return use([&](SqlDatabase& database) -> std::invoke_result_t<Work, SqlDatabase&> {
            auto transaction = SqlTransaction::begin(database);
            if (!transaction) {
                return transaction.error();
            }
            auto done = work(database);
            if (!done) {
                return done;
            }
            const auto committed = transaction->commit();
            return committed ? std::move(done) : committed.error();
        });
    }

private:
    Connect connect_;
    std::unique_ptr<SqlDatabase> database_;
};

}  // namespace gatehouse::sidecar
