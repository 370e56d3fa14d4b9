// Alerts and silences in the state's database: SQLite or PostgreSQL, by the same SQL.
//
// Thread safety: one thread at a time. All of it blocks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sidecar/alerts/alert.h"
#include "sidecar/alerts/book.h"
#include "sidecar/base/sql_session.h"

namespace gatehouse::alerts {

class Store {
public:
    /// `edge`: tells the alerts of several sidecars apart that share a database; empty: there is
    /// but one.
    Store(sidecar::SqlSession::Connect connect, std::string edge)
        : session_(std::move(connect)), edge_(std::move(edge))
    {
    }

    /// Whether others may change silences.
    bool is_shared() const noexcept { return !edge_.empty(); }

    struct Kept {
        std::vector<Alert> alerts;  ///< all that are not resolved, and the last that are
        std::vector<Silence> silences;
    };
    Result<Kept> load();

    /// All or nothing.
    Result<void> save(const Book::Changes& changes);

    /// With the id that it gets.
    Result<Silence> add(Silence silence);
    Result<void> remove(std::int64_t silence);

    /// Everybody's.
    Result<std::vector<Silence>> silences();

    /// Alerts that were resolved, and silences that have ended, before.
    Result<void> clean(std::int64_t resolved_before_ms, std::int64_t ended_before_ms);

private:
    Result<void> save_in(sidecar::SqlDatabase& database, const Book::Changes& changes);

    sidecar::SqlSession session_;
    std::string edge_;
};

}  // namespace gatehouse::alerts
