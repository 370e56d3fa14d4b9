// The schema of what the sidecar must not forget, by versions: how each comes from the one before
// it, and how it goes back to that. Tokens are kept in SQLite alone; all else in SQLite or
// PostgreSQL.
#pragma once

#include <cstdint>
#include <span>

#include "sidecar/base/sql_database.h"
#include "src/base/result.h"

namespace gatehouse::sidecar {

struct StateMigration {
    const char* sqlite_up;
    const char* sqlite_down;
    const char* postgres_up;
    const char* postgres_down;
};

/// The first leads from nothing to version 1. None is ever changed once it is released.
std::span<const StateMigration> state_migrations() noexcept;

/// That of this gatehoused.
inline constexpr std::int64_t state_version = 3;

/// Takes the tables in the schema `gatehouse` of a PostgreSQL database from the version they have
/// to this one, all or nothing. Fails for a version that this gatehoused does not know.
Result<void> migrate_postgres(SqlDatabase& database, std::int64_t to = state_version);

/// The version of the tables in the schema `gatehouse`; 0: there are none. Changes nothing.
Result<std::int64_t> postgres_version(SqlDatabase& database);

/// Why tables of that version are not touched.
Error newer_schema(std::int64_t version);

}  // namespace gatehouse::sidecar
