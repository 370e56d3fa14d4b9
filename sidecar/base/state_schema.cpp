#include "sidecar/base/state_schema.h"

#include <iterator>
#include <string>

namespace gatehouse::sidecar {

namespace {

constexpr StateMigration migrations[] = {
    // 1: tokens.
    {R"(
create table revision (value integer not null) strict;
insert into revision values (0);

create table tokens (
    number integer primary key,  -- in the order of their making
    id text not null unique,
    name text not null,
    user text not null,
    scopes text not null,        -- sorted, separated by one space
    plan text not null,
    networks text not null,      -- separated by one space
    created_s integer not null,
    not_before_s integer not null,
    expires_s integer,           -- null: never
    revoked_s integer,
    last_used_s integer
) strict;
create index tokens_of_user on tokens (user);

-- The token itself is nowhere: digest is the SHA-256 of its text.
create table secrets (
    number integer primary key,
    token integer not null references tokens (number),
    digest blob not null unique,
    is_foreign integer not null, -- made elsewhere
    created_s integer not null,
    expires_s integer            -- null: with the token
) strict;
create index secrets_of_token on secrets (token);
)",
     R"(
drop table secrets;
drop table tokens;
drop table revision;
)",
     "", ""},

    // 2: runs of datasets.
    {R"(
create table datasets (
    name text primary key,
    columns text not null,       -- JSON: [["time","BIGINT"],…]
    revision integer not null,   -- of every change a higher one
    updated_ms integer not null
) strict;

-- The rows stand last: a list of runs does not read them. Ids are never used again.
create table runs (
    id integer primary key autoincrement,
    dataset text not null references datasets (name),
    name text not null,
    time_us integer not null,    -- since 1970, UTC
    parameters text not null,    -- a JSON object
    row_count integer not null,
    byte_count integer not null,
    data blob not null           -- sidecar/base/table_bytes.h
) strict;
create index runs_of_dataset on runs (dataset, time_us, id);

create table uploads (
    dataset text not null,
    key text not null,           -- the client's
    digest text not null,
    at_ms integer not null,
    answer text not null,
    primary key (dataset, key)
) strict;
)",
     R"(
drop table uploads;
drop table runs;
drop table datasets;
)",
     R"(
create table datasets (
    name text primary key,
    columns text not null,
    revision bigint not null,
    updated_ms bigint not null
);
create table runs (
    id bigint generated always as identity primary key,
    dataset text not null references datasets (name),
    name text not null,
    time_us bigint not null,
    parameters text not null,
    row_count bigint not null,
    byte_count bigint not null,
    data bytea not null
);
create index runs_of_dataset on runs (dataset, time_us, id);
create table uploads (
    dataset text not null,
    key text not null,
    digest text not null,
    at_ms bigint not null,
    answer text not null,
    primary key (dataset, key)
);
)",
     R"(
drop table uploads;
drop table runs;
drop table datasets;
)"},
};
static_assert(std::size(migrations) == state_version);

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
    for (auto at = from; at < to; ++at) {
        if (auto done = database.script(std::string{migrations[at].postgres_up} + ";"); !done) {
            return done;
        }
    }
    for (auto at = from; at > to; --at) {
        if (auto done = database.script(std::string{migrations[at - 1].postgres_down} + ";");
            !done) {
            return done;
        }
    }
    return database.script("delete from schema_version; insert into schema_version values (" +
                           std::to_string(to) + ")");
}

}  // namespace

std::span<const StateMigration> state_migrations() noexcept
{
    return migrations;
}

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
