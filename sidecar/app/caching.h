// What is computed ahead: the caches of sources, how far work is, and what is known of both.
//
// Thread safety: all of it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sidecar/base/cache_state.h"
#include "sidecar/base/relation.h"
#include "sidecar/caches/progress.h"
#include "sidecar/caches/store.h"
#include "sidecar/config/types.h"
#include "sidecar/sources/sources.h"
#include "src/base/result.h"

namespace gatehouse::app {

/// Caches and cards as the loop last saw them: what a source of kind caches has.
class CacheStates {
public:
    struct Seen {
        std::vector<sidecar::CacheState> states;
        std::uint64_t version = 0;  ///< another whenever the states are
    };

    /// Whether they are others than before.
    bool put(std::vector<sidecar::CacheState> states);
    Seen get() const;

private:
    mutable std::mutex mutex_;
    Seen seen_;
};

struct Caching {
    explicit Caching(std::string directory) : store(std::move(directory)) {}

    caches::Store store;
    caches::Progress progress;
    CacheStates states;
};

/// Of a configuration that is new to this process.
std::shared_ptr<Caching> open_caching(const config::Config& config);

/// Has the caches of this configuration's sources, and no others. Blocks.
void keep_caches(Caching& caching, const config::Config& config);

/// The path of the source's table as of these files, made first where need be; or why there is
/// none. Blocks.
Result<std::string> cache_file(Caching& caching, const config::Engine& limits,
                               const config::Source& source, const sources::Fingerprint& files);

/// The same as what SQL reads.
Result<sidecar::Relation> cached_relation(Caching& caching, const config::Engine& limits,
                                          const config::Source& source,
                                          const sources::Fingerprint& files);

/// For Progress: what will be read.
std::vector<caches::Progress::File> progress_files(const sources::Fingerprint& files);

bool is_of_caches(const config::Source& source);
std::vector<std::string> sources_of_caches(const config::Config& config);

/// Of a source of kind caches: what there is now.
sources::Fingerprint fingerprint_of_caches(const Caching& caching);
sidecar::Relation relation_of_caches(const Caching& caching, const config::Source& source);

/// States with how far the work on them is.
std::vector<sidecar::CacheState> with_progress(std::vector<sidecar::CacheState> states,
                                               const std::vector<caches::Progress::Work>& works);

}  // namespace gatehouse::app
