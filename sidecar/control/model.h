// What the control API tells, as plain values; the daemon fills them in.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/cache_state.h"
#include "sidecar/base/resource.h"
#include "src/base/representation.h"
#include "src/board/published.h"

namespace gatehouse::control {

/// What is kept of a card that is computed when somebody asks.
struct VariantsView {
    std::size_t kept = 0, computing = 0;
    std::uint64_t bytes = 0;
    std::uint64_t computed = 0, joined = 0, refused = 0, failed = 0;  ///< since the start
    std::string error;  ///< of the last failure that was not the question's
};

struct CardView {
    std::string name;
    std::string path;
    std::string shape;
    std::string refresh;
    std::vector<std::string> sources;
    std::vector<std::string> cards;  ///< that it reads
    std::string state;  ///< fresh, stale, failed (the last computation did), pending (nothing yet);
                        ///< on_demand: it has `variants` and nothing else that changes
    bool computing = false;
    std::shared_ptr<const board::Published> snapshot;  ///< null: nothing to serve
    std::int64_t verified_at_ms = 0;
    std::uint64_t rows = 0;
    std::uint64_t computations = 0;  ///< since the start
    bool restored = false;           ///< computed before the start, and not since
    std::int64_t duration_ms = 0;    ///< of the last computation
    std::string error;               ///< of the last computation, if it failed
    std::int64_t failing_since_ms = 0;
    unsigned failures = 0;
    std::optional<std::int64_t> next_ms;  ///< next computation by time
    std::optional<VariantsView> variants;
};

struct WorkerView {
    std::int64_t pid = 0;
    std::int64_t slot = 0;
    std::string nginx, module;
    std::int64_t connected_at_ms = 0;
    std::uint64_t applied_generation = 0;
    std::size_t queued = 0;
    struct Latency {
        std::int64_t min_ms = 0, median_ms = 0, max_ms = 0;
    };
    std::optional<Latency> latency;  ///< from publish to visible
};

/// How late refreshes of cards began that were due by time, of the last minute or two.
struct LatenessView {
    std::uint64_t runs = 0;
    std::int64_t p50_ms = 0, p99_ms = 0, max_ms = 0;  ///< bounds that so many kept to
};

struct StatusView {
    std::int64_t pid = 0;
    std::int64_t started_at_ms = 0;
    std::string config_file;
    std::int64_t loaded_at_ms = 0;
    std::uint64_t generation = 0;
    std::uint64_t board_bytes = 0;
    std::uint64_t board_limit = 0;
    std::string board_file;
    std::vector<WorkerView> workers;
    std::vector<CardView> cards;
    std::vector<sidecar::CacheState> caches;  ///< of sources and cards
    LatenessView lateness;
};

/// Connections to a database, as they are now.
struct PoolView {
    std::uint64_t size = 0;  ///< kept at most
    std::uint64_t in_use = 0, idle = 0;
    std::uint64_t overflow = 0;  ///< open beyond size
    std::uint64_t waiting = 0;   ///< computations
    double wait_seconds = 0;     ///< of all, since the start
};

struct SourceView {
    std::string name;
    std::string kind;
    std::vector<std::string> paths;
    bool watch = true;
    std::vector<std::string> cards;  ///< that read it
    std::optional<bool> up = {};     ///< by the last read; nothing: nobody has read it yet
    std::string last_error = {};     ///< of the last read that failed; it may be up again
    std::int64_t error_ms = 0;       ///< of that; 0: none failed
    std::int64_t read_ms = 0;        ///< of the last good read; 0: none
    struct Document {
        std::string url;  ///< without its query
        std::uint64_t rows = 0, bytes = 0;
        std::int64_t next_ms = 0;  ///< next fetch; 0: none
    };
    std::optional<Document> document = {};  ///< of kind http
    std::optional<PoolView> pool = {};      ///< of databases
};

struct SourceTest {
    std::string error;  ///< empty: it can be read
    struct File {
        std::string path;
        std::uint64_t bytes = 0;
    };
    std::vector<File> files;
    std::vector<std::pair<std::string, std::string>> columns;  ///< name, SQL type
};

struct RefreshResult {
    bool ok = false;
    std::string error;
    std::uint64_t generation = 0;
    bool changed = false;
    std::uint64_t rows = 0;
    std::int64_t duration_ms = 0;
    std::size_t forgotten = 0;  ///< answers to questions about it
};

struct ReloadResult {
    bool applied = false;
    std::string summary;
    std::string diagnostics_json;
    std::size_t added = 0, changed = 0, removed = 0, unchanged = 0;
};

/// What the API asks of the daemon. Everything is called, and calls back, on the loop.
struct Services {
    std::function<StatusView()> status;
    std::function<std::vector<SourceView>()> sources;
    /// False: no such card. Otherwise `done` is called once, when the computation has ended.
    std::function<bool(const std::string& card, std::function<void(const RefreshResult&)> done)>
        refresh;
    /// False: no such source.
    std::function<bool(const std::string& source, std::function<void(const SourceTest&)> done)>
        test_source;
    std::function<void(std::function<void(const ReloadResult&)> done)> reload;
    std::vector<sidecar::Resource> resources;  ///< of other areas
};

}  // namespace gatehouse::control
