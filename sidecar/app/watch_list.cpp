#include "sidecar/app/watch_list.h"

#include <filesystem>
#include <optional>
#include <system_error>

#include "sidecar/databases/database.h"
#include "sidecar/sources/sources.h"

namespace gatehouse::app {

namespace {

namespace fs = std::filesystem;
using sidecar::WatchedName;

/// The nearest directory above a path that exists, and what is missing there; nothing when the
/// first one above it does.
std::optional<WatchedName> first_missing(const fs::path& path)
{
    std::error_code error;
    auto missing = path;
    while (missing.has_relative_path() && !fs::is_directory(missing.parent_path(), error)) {
        missing = missing.parent_path();
    }
    return missing == path ? std::nullopt
                           : std::optional{WatchedName{missing.parent_path().string(),
                                                       missing.filename().string()}};
}

/// SQLite tells of a commit by files beside the database.
void add_companions(std::vector<WatchedName>& names)
{
    for (auto& name : std::vector{names}) {
        names.push_back({name.directory, name.name + "-wal"});
        names.push_back({name.directory, name.name + "-shm"});
        names.push_back({name.directory, name.name + "-journal"});
    }
}

}  // namespace

std::vector<WatchedName> names_to_watch(const config::Source& source)
{
    auto names = sources::names_to_watch(source);
    if (databases::is_database(source.kind)) {
        add_companions(names);
    }
    for (const auto& path : source.paths) {
        if (auto missing = first_missing(path)) {
            names.push_back(std::move(*missing));
        }
    }
    return names;
}

}  // namespace gatehouse::app
