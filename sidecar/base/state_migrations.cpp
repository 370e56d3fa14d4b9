// The SQL of each version of the schema: state_migrations of state_schema.h.
#include <iterator>

#include "sidecar/base/state_schema.h"

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

    // 3: history and alerts.
    {R"(
-- Each result of a check that changed its state, and one a minute.
create table health_metrics (
    id integer primary key,
    metric text not null,        -- the check's name
    status text not null,        -- up, degraded, down
    at_ms integer not null,
    value real,                  -- what was measured, if it is a number
    duration_us integer not null,
    message text not null
) strict;
create index health_metrics_by_status on health_metrics (metric, status, at_ms);
create index health_metrics_by_time on health_metrics (at_ms);

-- All results of a check within a step.
create table health_steps (
    step_s integer not null,     -- 60, 3600
    metric text not null,
    at_s integer not null,       -- the step's beginning, Unix time
    up integer not null,         -- results by state
    degraded integer not null,
    down integer not null,
    duration_us integer not null,  -- of all together
    value_sum real not null,
    value_count integer not null,
    value_min real,
    value_max real,
    primary key (step_s, metric, at_s)
) strict, without rowid;

-- All requests of an endpoint within a step. Their durations: le_1ms counts those of at most 1 ms
-- that no column before counts, and so on.
create table traffic_steps (
    step_s integer not null,     -- 10, 60, 3600
    endpoint text not null,
    at_s integer not null,
    requests integer not null,
    errors integer not null,     -- answered 5xx
    refused integer not null,    -- by the guards
    bytes integer not null,      -- sent
    duration_ns integer not null,  -- of all together
    le_100us integer not null, le_250us integer not null, le_500us integer not null, le_1ms integer not null,
    le_2500us integer not null, le_5ms integer not null, le_10ms integer not null, le_25ms integer not null,
    le_50ms integer not null, le_100ms integer not null, le_250ms integer not null, le_500ms integer not null,
    le_1s integer not null, le_2500ms integer not null, le_5s integer not null, le_10s integer not null,
    le_30s integer not null, le_60s integer not null, longer integer not null,
    primary key (step_s, endpoint, at_s)
) strict, without rowid;

-- What an nginx had counted when steps were written last: they hold what came before.
create table traffic_counters (
    region text not null,        -- which nginx: sidecar/history/counters.h
    endpoint text not null,
    at_s integer not null,
    requests integer not null,
    errors integer not null,
    refused integer not null,
    bytes integer not null,
    duration_ns integer not null,
    le_100us integer not null, le_250us integer not null, le_500us integer not null, le_1ms integer not null,
    le_2500us integer not null, le_5ms integer not null, le_10ms integer not null, le_25ms integer not null,
    le_50ms integer not null, le_100ms integer not null, le_250ms integer not null, le_500ms integer not null,
    le_1s integer not null, le_2500ms integer not null, le_5s integer not null, le_10s integer not null,
    le_30s integer not null, le_60s integer not null, longer integer not null,
    primary key (region, endpoint)
) strict, without rowid;

-- From when a rule began to hold to the end of that.
create table system_alerts (
    edge text not null,          -- the machine that found it; empty: there is but one
    id text not null,            -- fingerprint of rule and target, "-", pending_ms
    rule text not null,
    target text not null,        -- what the rule holds for: a check, a card, a series
    severity text not null,
    state text not null,         -- pending, firing, resolved
    summary text not null,
    detail text not null,
    value real,
    pending_ms integer not null, -- since when it holds
    firing_ms integer,
    resolved_ms integer,
    told text not null,          -- JSON: {"RECEIVER":["firing",1767323045678],…}
    primary key (edge, id)
) strict;
create index system_alerts_by_time on system_alerts (state, resolved_ms);

create table silences (
    id integer primary key autoincrement,
    rule text not null,          -- "*": every one
    target text not null,        -- "*": every one
    until_ms integer not null,
    created_ms integer not null,
    comment text not null
) strict;
)",
     R"(
drop table silences;
drop table system_alerts;
drop table traffic_counters;
drop table traffic_steps;
drop table health_steps;
drop table health_metrics;
)",
     R"(
create table health_metrics (
    id bigint generated always as identity primary key,
    metric text not null,
    status text not null,
    at_ms bigint not null,
    value double precision,
    duration_us bigint not null,
    message text not null
);
create index health_metrics_by_status on health_metrics (metric, status, at_ms);
create index health_metrics_by_time on health_metrics (at_ms);
create table health_steps (
    step_s bigint not null,
    metric text not null,
    at_s bigint not null,
    up bigint not null,
    degraded bigint not null,
    down bigint not null,
    duration_us bigint not null,
    value_sum double precision not null,
    value_count bigint not null,
    value_min double precision,
    value_max double precision,
    primary key (step_s, metric, at_s)
);
create table traffic_steps (
    step_s bigint not null,
    endpoint text not null,
    at_s bigint not null,
    requests bigint not null,
    errors bigint not null,
    refused bigint not null,
    bytes bigint not null,
    duration_ns bigint not null,
    le_100us bigint not null, le_250us bigint not null, le_500us bigint not null, le_1ms bigint not null,
    le_2500us bigint not null, le_5ms bigint not null, le_10ms bigint not null, le_25ms bigint not null,
    le_50ms bigint not null, le_100ms bigint not null, le_250ms bigint not null, le_500ms bigint not null,
    le_1s bigint not null, le_2500ms bigint not null, le_5s bigint not null, le_10s bigint not null,
    le_30s bigint not null, le_60s bigint not null, longer bigint not null,
    primary key (step_s, endpoint, at_s)
);
create table traffic_counters (
    region text not null,
    endpoint text not null,
    at_s bigint not null,
    requests bigint not null,
    errors bigint not null,
    refused bigint not null,
    bytes bigint not null,
    duration_ns bigint not null,
    le_100us bigint not null, le_250us bigint not null, le_500us bigint not null, le_1ms bigint not null,
    le_2500us bigint not null, le_5ms bigint not null, le_10ms bigint not null, le_25ms bigint not null,
    le_50ms bigint not null, le_100ms bigint not null, le_250ms bigint not null, le_500ms bigint not null,
    le_1s bigint not null, le_2500ms bigint not null, le_5s bigint not null, le_10s bigint not null,
    le_30s bigint not null, le_60s bigint not null, longer bigint not null,
    primary key (region, endpoint)
);

create table system_alerts (
    edge text not null,
    id text not null,
    rule text not null,
    target text not null,
    severity text not null,
    state text not null,
    summary text not null,
    detail text not null,
    value double precision,
    pending_ms bigint not null,
    firing_ms bigint,
    resolved_ms bigint,
    told text not null,
    primary key (edge, id)
);
create index system_alerts_by_time on system_alerts (state, resolved_ms);

create table silences (
    id bigint generated always as identity primary key,
    rule text not null,
    target text not null,
    until_ms bigint not null,
    created_ms bigint not null,
    comment text not null
);
)",
     R"(
drop table silences;
drop table system_alerts;
drop table traffic_counters;
drop table traffic_steps;
drop table health_steps;
drop table health_metrics;
)"},
};
static_assert(std::size(migrations) == state_version);

}  // namespace

std::span<const StateMigration> state_migrations() noexcept
{
    return migrations;
}

}  // namespace gatehouse::sidecar
