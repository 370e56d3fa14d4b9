#include "sidecar/config/load.h"

#include <cstdlib>
#include <filesystem>

#include "sidecar/config/build.h"
#include "sidecar/config/checks.h"
#include "sidecar/config/include.h"
#include "sidecar/config/schema.h"

namespace gatehouse::config {

namespace {

namespace fs = std::filesystem;

std::string absolute_path(const std::string& path)
{
    std::error_code failure;
    const fs::path full = fs::absolute(path, failure);
    return failure ? path : full.string();
}

std::optional<std::string> process_environment(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string directory_of(const std::string& file, const LoadOptions& options)
{
    const std::string directory = options.prefix.empty() ? fs::path(file).parent_path().string()
                                                         : absolute_path(options.prefix);
    return directory.size() > 1 && directory.ends_with('/')
               ? directory.substr(0, directory.size() - 1)
               : directory;
}

}  // namespace

std::optional<Config> load(const std::string& file, const LoadOptions& options,
                           Diagnostics& diagnostics)
{
    const std::string path = absolute_path(file);
    const std::string directory = directory_of(path, options);
    const Variables variables{options.environment ? options.environment : process_environment,
                              directory};
    Tree tree;
    const Node* root = read_document(path, variables, Schema::shipped(), tree, diagnostics);
    std::optional<Config> config;
    if (root != nullptr) {
        config = build(*root, path, directory);
        check_values(*root, *config, diagnostics);
    }
    diagnostics.sort();
    return diagnostics.ok() ? std::move(config) : std::nullopt;
}

}  // namespace gatehouse::config
