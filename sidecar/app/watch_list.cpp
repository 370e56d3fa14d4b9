#include "sidecar/app/watch_list.h"

#include <filesystem>
#include <system_error>

#include "sidecar/sources/sources.h"

namespace gatehouse::app {

namespace {

namespace fs = std::filesystem;

/// The nearest directory above a path that exists; empty when the first one above it does.
std::string existing_ancestor_of_missing(const fs::path& path)
{
    std::error_code error;
    auto directory = path.parent_path();
    if (fs::is_directory(directory, error)) {
        return {};
    }
    while (directory.has_relative_path() && !fs::is_directory(directory, error)) {
        directory = directory.parent_path();
    }
    return directory.string();
}

}  // namespace

std::vector<std::string> directories_to_watch(const config::Source& source)
{
    auto directories = sources::watch_directories(source);
    for (const auto& path : source.paths) {
        if (auto ancestor = existing_ancestor_of_missing(path); !ancestor.empty()) {
            directories.push_back(std::move(ancestor));
        }
    }
    return directories;
}

}  // namespace gatehouse::app
