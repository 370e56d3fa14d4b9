// gatehoused --schema and --migrate: show_schema and migrate of modes.h.
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "sidecar/app/modes.h"
#include "sidecar/app/state_database.h"
#include "sidecar/base/postgres_database.h"
#include "sidecar/base/state_schema.h"
#include "sidecar/identity/state_file.h"

namespace gatehouse::app {

namespace {

using identity::StateFile;
using sidecar::PostgresDatabase;
using Version = Result<std::int64_t>;

Version version_at(const std::string& url)
{
    const auto database = PostgresDatabase::open(url, PostgresDatabase::Missing::leave);
    return database ? sidecar::postgres_version(**database) : database.error();
}

Result<void> migrate_file(const std::string& path, std::int64_t to)
{
    const auto file = StateFile::open(path, StateFile::Missing::create, to);
    return file ? Result<void>{} : file.error();
}

/// A database that keeps state. Of one by URL, which may hold a password, that is not shown.
struct Kept {
    std::string name;
    Version version;
    std::function<Result<void>(std::int64_t to)> migrate;
};

std::vector<Kept> databases_of(const config::State& state)
{
    std::vector<Kept> databases;
    if (!state.path.empty()) {
        databases.push_back({"state.path", StateFile::version_of(state.path),
                             [&](std::int64_t to) { return migrate_file(state.path, to); }});
    }
    if (!state.url.empty()) {
        databases.push_back({"state.url", version_at(state.url),
                             [&](std::int64_t to) { return migrate_server(state.url, to); }});
    }
    if (databases.empty()) {
        std::cerr << "gatehoused: no state is kept: neither \"path\" nor \"url\" of \"state\" is "
                     "set in the configuration\n";
    }
    return databases;
}

int failed(const Kept& database, const Error& error)
{
    std::cerr << "gatehoused: " << database.name << ": " << error.message << "\n";
    return exit_failed;
}

}  // namespace

int show_schema(const config::Config& config)
{
    const auto databases = databases_of(config.state);
    int status = databases.empty() ? exit_failed : exit_ok;
    for (const auto& database : databases) {
        if (!database.version) {
            status = failed(database, database.version.error());
            continue;
        }
        std::cout << database.name << ": version " << *database.version << ", wanted "
                  << sidecar::state_version << "\n";
        status = *database.version == sidecar::state_version ? status : exit_failed;
    }
    return status;
}

int migrate(const config::Config& config, std::int64_t to)
{
    const auto databases = databases_of(config.state);
    int status = databases.empty() ? exit_failed : exit_ok;
    for (const auto& database : databases) {
        const auto migrated =
            database.version ? database.migrate(to) : Result<void>{database.version.error()};
        if (!migrated) {
            status = failed(database, migrated.error());
            continue;
        }
        std::cout << database.name << ": version " << *database.version << " -> " << to << "\n";
    }
    return status;
}

}  // namespace gatehouse::app
