#include "sidecar/app/state_database.h"

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
    if (auto migrated = sidecar::migrate_postgres(**database); !migrated) {
        return Error{"state: " + migrated.error().message};
    }
    return std::unique_ptr<sidecar::SqlDatabase>{std::move(*database)};
}

}  // namespace gatehouse::app
