#include "sidecar/app/state_database.h"

#include <chrono>

#include "sidecar/base/postgres_database.h"
#include "sidecar/base/sqlite_database.h"
#include "sidecar/base/state_schema.h"
#include "sidecar/identity/state_file.h"

namespace gatehouse::app {

Result<std::unique_ptr<sidecar::SqlDatabase>> open_state(const config::State& state)
{
    if (state.url.empty()) {
        auto file = identity::StateFile::writer(state.path);
        if (!file) {
            return file.error();
        }
        return std::unique_ptr<sidecar::SqlDatabase>{
            std::make_unique<sidecar::SqliteDatabase>(std::move(*file))};
    }
    auto database = sidecar::PostgresDatabase::open(state.url);
    if (!database) {
        return database.error();
    }
    const auto version = sidecar::postgres_version(**database);
    if (!version) {
        return version.error();
    }
    if (*version != sidecar::state_version) {
        if (auto migrated = migrate_server(state.url, sidecar::state_version); !migrated) {
            return Error{"state: " + migrated.error().message};
        }
    }
    return std::unique_ptr<sidecar::SqlDatabase>{std::move(*database)};
}

Result<void> migrate_server(const std::string& url, std::int64_t to)
{
    using sidecar::PostgresDatabase;
    const std::chrono::minutes most{10};
    const auto database = PostgresDatabase::open(
        url, PostgresDatabase::Missing::create, {.lock = most, .statement = most, .silence = most});
    return database ? sidecar::migrate_postgres(**database, to) : database.error();
}

}  // namespace gatehouse::app
