#include "sidecar/base/state_schema.h"

#include <string>

namespace gatehouse::sidecar {

namespace {

/// REQUIRES: the table is there.
Result<std::int64_t> value_in(SqlDatabase& database)
{
    const auto rows = database.run("select value from gatehouse.schema_version");
    if (!rows) {
        return rows.error();
    }
    return rows->empty() ? 0 : std::get<std::int64_t>(rows->front().front());
}

/// Of the tables, or 0 where there are none; locked against another sidecar that migrates.
Result<std::int64_t> version_in(SqlDatabase& database)
{
    // Two at once would both find no table, and one would fail.
    if (auto locked = database.run("select pg_advisory_xact_lock(1735289203)::text"); !locked) {
        return locked.error();
    }
    if (auto made = database.script("create table if not exists schema_version (value bigint)");
        !made) {
        return made.error();
    }
    return value_in(database);
}

Result<void> step(SqlDatabase& database, std::int64_t from, std::int64_t to)
{
    const auto migrations = state_migrations();
    for (auto at = from; at < to; ++at) {
        if (auto done = database.script(
                std::string{migrations[static_cast<std::size_t>(at)].postgres_up} + ";");
            !done) {
            return done;
        }
    }
    for (auto at = from; at > to; --at) {
        if (auto done = database.script(
                std::string{migrations[static_cast<std::size_t>(at - 1)].postgres_down} + ";");
            !done) {
            return done;
        }
    }
    return database.script("delete from schema_version; insert into schema_version values (" +
                           std::to_string(to) + ")");
}

}  // namespace

Error newer_schema(std::int64_t version)
{
    return {"was written by a newer gatehoused (schema " + std::to_string(version) +
            "; this one knows " + std::to_string(state_version) + ")"};
}

Result<std::int64_t> postgres_version(SqlDatabase& database)
{
    const auto tables = database.run(
        "select count(*) from pg_catalog.pg_tables where schemaname = 'gatehouse' and "
        "tablename = 'schema_version'");
    if (!tables) {
        return tables.error();
    }
    return std::get<std::int64_t>(tables->front().front()) == 0 ? 0 : value_in(database);
}

Result<void> migrate_postgres(SqlDatabase& database, std::int64_t to)
{
    auto transaction = SqlTransaction::begin(database);
    if (!transaction) {
        return transaction.error();
    }
    const auto from = version_in(database);
    if (!from) {
        return from.error();
    }
    if (*from > state_version) {
        return newer_schema(*from);
    }
    if (*from != to) {
        if (auto stepped = step(database, *from, to); !stepped) {
            return stepped;
        }
    }
    return transaction->commit();
}

}  // namespace gatehouse::sidecar
