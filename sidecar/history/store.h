// History in the state's database, as its writer sees it: SQLite or PostgreSQL, by the same SQL.
//
// Traffic is written together with the counters that it accounts for: whatever comes in between,
// the end of this process or of the connection, what is in the steps and what is still in nginx's
// counters is the whole.
//
// Thread safety: one thread at a time; every call blocks.
#pragma once

#include <string>

#include "sidecar/base/sql_session.h"
#include "sidecar/history/meter.h"
#include "sidecar/history/results.h"
#include "sidecar/history/unwritten.h"
#include "src/base/result.h"

namespace gatehouse::history {

/// Opens a connection to the state's database, when it is first needed and after it was lost.
using Connect = sidecar::SqlSession::Connect;

class Store {
public:
    explicit Store(Connect connect) : session_(std::move(connect)) {}

    /// What the steps account for.
    Result<Readings> readings();

    /// In transactions of a few endpoints each, so that no other writer waits for long. After an
    /// error some may be written: nothing more is before readings() has told which.
    Result<void> write(const Unwritten& traffic, std::int64_t now_s);

    enum class Written : std::uint8_t { yes, no, perhaps };
    struct Outcome {
        Written written = Written::yes;
        std::string error;
    };
    /// All or nothing. `perhaps`: the connection was lost in the very moment.
    Outcome write(const UnwrittenResults& results);

    /// For what else is to be done in it. Call failed() when that fails.
    Result<sidecar::SqlDatabase*> database() { return session_.database(); }
    void failed() { session_.lose(); }

private:
    Outcome write_all(const UnwrittenResults& results);

    sidecar::SqlSession session_;
    bool knows_readings_ = false;
};

}  // namespace gatehouse::history
