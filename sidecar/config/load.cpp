#include "sidecar/config/load.h"

#include <cstdlib>
#include <filesystem>
#include <map>

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

/// A finding may show the line of a secret that only a later stage knew to be one.
void hide_secrets(Tree& tree, Diagnostics& diagnostics)
{
    std::map<std::string, SourceFile*> files;
    for (SourceFile& file : tree.files) {
        files[file.path()] = &file;
    }
    bool any = false;
    for (const Node& node : tree.nodes) {
        if (node.secret && node.json != nullptr && node.type() == JSON_STRING) {
            files[node.file->path()]->hide(node.value);
            any = true;
        }
    }
    for (Diagnostic& diagnostic : diagnostics.list) {
        const auto file = files.find(diagnostic.file);
        if (any && diagnostic.line > 0 && file != files.end()) {
            const Place place{diagnostic.line, diagnostic.column};
            diagnostic.source_line = file->second->excerpt({file->second->offset(place), 1}).text;
        }
    }
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
        check_values(*root, *config, options, diagnostics);
    }
    hide_secrets(tree, diagnostics);
    diagnostics.sort();
    return diagnostics.ok() ? std::move(config) : std::nullopt;
}

}  // namespace gatehouse::config
