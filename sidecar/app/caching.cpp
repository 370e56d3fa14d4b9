#include "sidecar/app/caching.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "sidecar/caches/digest.h"
#include "sidecar/config/load.h"
#include "sidecar/engine/ingest.h"
#include "sidecar/engine/version.h"

namespace gatehouse::app {

namespace {

using sources::Fingerprint;

/// A table of hours is not what a cache is for; until then a file is taken to be readable.
constexpr std::chrono::hours longest_making{1};

/// Another version may read the same file in another way.
std::string definition_of(const config::Source& source)
{
    return caches::digest_of(config::definition(source) + '\n' + GATEHOUSE_VERSION + '\n' +
                             engine::duckdb_version());
}

std::string stamps_of(const Fingerprint& files)
{
    std::string text;
    for (const auto& file : files.files) {
        for (const auto& part :
             {std::to_string(file.device), std::to_string(file.inode), std::to_string(file.bytes),
              std::to_string(file.modified_ns), file.path}) {
            text += part + '\n';
        }
    }
    return caches::digest_of(text);
}

Result<std::string> content_of(const Fingerprint& files)
{
    std::vector<std::string> paths;
    for (const auto& file : files.files) {
        paths.push_back(file.path);
    }
    return caches::digest_of_files(paths);
}

/// As a build takes memory beside the cards', it gets half of what they have.
config::Engine limits_for(config::Engine limits)
{
    limits.memory_limit /= 2;
    return limits;
}

Result<std::uint64_t> make_table(const config::Engine& limits, const config::Source& source,
                                 const Fingerprint& files, const std::string& out,
                                 std::stop_token stop)
{
    const auto relation = sources::relation(source, files);
    if (!relation) {
        return relation.error();
    }
    const auto bounded = limits_for(limits);
    auto rows =
        engine::copy_to_parquet({*relation, bounded, {}, longest_making, std::move(stop)}, out);
    const auto now = sources::fingerprint(source);
    if (rows && (!now || *now != files)) {
        return Error{"its files changed while they were read"};
    }
    return rows;
}

}  // namespace

bool CacheStates::put(std::vector<sidecar::CacheState> states)
{
    const std::lock_guard lock(mutex_);
    if (states == seen_.states) {
        return false;
    }
    seen_.states = std::move(states);
    ++seen_.version;
    return true;
}

CacheStates::Seen CacheStates::get() const
{
    const std::lock_guard lock(mutex_);
    return seen_;
}

std::shared_ptr<Caching> open_caching(const config::Config& config)
{
    auto caching = std::make_shared<Caching>(config.caches.directory);
    keep_caches(*caching, config);
    return caching;
}

void keep_caches(Caching& caching, const config::Config& config)
{
    std::set<std::string> cached;
    for (const auto& [name, source] : config.sources) {
        if (source.cache) {
            cached.insert(name);
        }
    }
    caching.store.keep(cached);
}

Result<std::string> cache_file(Caching& caching, const config::Engine& limits,
                               const config::Source& source, const Fingerprint& files)
{
    caches::Wanted wanted{source.name, definition_of(source), stamps_of(files),
                          [&files] { return content_of(files); },
                          [&](const std::string& out, std::stop_token stop) {
                              auto running = caching.progress.begin("source", source.name);
                              running.reads(progress_files(files));
                              return make_table(limits, source, files, out, std::move(stop));
                          }};
    return caching.store.file(wanted);
}

Result<sidecar::Relation> cached_relation(Caching& caching, const config::Engine& limits,
                                          const config::Source& source, const Fingerprint& files)
{
    const auto path = cache_file(caching, limits, source, files);
    if (!path) {
        return path.error();
    }
    config::Source table;
    table.name = source.name;
    table.kind = "parquet";
    table.paths = {*path};
    const auto file = sources::fingerprint(table);
    return file ? sources::relation(table, *file) : file.error();
}

std::vector<caches::Progress::File> progress_files(const Fingerprint& files)
{
    std::vector<caches::Progress::File> all;
    for (const auto& file : files.files) {
        all.push_back({file.device, file.inode, file.bytes});
    }
    return all;
}

std::vector<sidecar::CacheState> with_progress(std::vector<sidecar::CacheState> states,
                                               const std::vector<caches::Progress::Work>& works)
{
    for (auto& state : states) {
        state.progress = state.warm ? 1 : 0;
        const auto work = std::find_if(works.begin(), works.end(), [&](const auto& one) {
            return one.kind == state.kind && one.name == state.name;
        });
        if (work != works.end() && !state.warm) {
            state.progress = work->share;
            state.since_ms = work->since_ms;
        }
    }
    return states;
}

}  // namespace gatehouse::app
