// A connection to the PostgreSQL that keeps state. No call waits for ever: neither for a lock, nor
// for a statement, nor for a server that has stopped dead.
//
// Thread safety: one thread at a time. Every call blocks.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "src/base/result.h"

namespace gatehouse::sidecar {

struct PostgresLimits {
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds lock{5'000};
    std::chrono::milliseconds statement{30'000};
    /// Without a sign of life while one is due; longer than a statement may take.
    std::chrono::milliseconds silence{35'000};
};

class BoundedPostgres {
public:
    struct Clear {
        void operator()(PGresult* result) const noexcept { PQclear(result); }
    };
    using Answer = std::unique_ptr<PGresult, Clear>;
    /// One of libpq's PQsend… functions.
    using Send = std::function<int(PGconn*)>;

    /// Errors never show the URL. What DNS takes is not bounded.
    static Result<std::unique_ptr<BoundedPostgres>> open(const std::string& url,
                                                         const PostgresLimits& limits);

    /// The last result. An error may leave a transaction behind.
    Result<Answer> ask(const Send& send);
    Result<Answer> ask(const std::string& sql);

    bool is_connected() const noexcept;

private:
    struct Finish {
        void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    };

    BoundedPostgres(PGconn* connection, std::chrono::milliseconds patience)
        : connection_(connection), patience_(patience)
    {
    }
    Result<void> connect();
    Result<void> flush();
    Result<Answer> next();
    Error failure() const;
    Error silent();

    std::unique_ptr<PGconn, Finish> connection_;
    std::chrono::milliseconds patience_;  ///< with the server's silence
    bool given_up_ = false;
};

}  // namespace gatehouse::sidecar
