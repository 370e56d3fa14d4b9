// What computes: the engine, each database source by itself, and what was read of growing files.
//
// Thread safety: immutable once opened; what it holds may be used by several threads at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "sidecar/app/caching.h"
#include "sidecar/app/growing_file.h"
#include "sidecar/app/held_files.h"
#include "sidecar/app/source_reads.h"
#include "sidecar/config/types.h"
#include "sidecar/databases/database.h"
#include "sidecar/datasets/run_store.h"
#include "sidecar/engine/engine.h"
#include "sidecar/history/book.h"
#include "src/base/result.h"

namespace gatehouse::app {

using Databases = std::map<std::string, std::shared_ptr<databases::Database>>;  ///< by source
using GrowingFiles = std::map<std::string, std::shared_ptr<GrowingFile>>;       ///< by source

struct Executors {
    std::unique_ptr<engine::Engine> engine;
    Databases databases;
    GrowingFiles growing;
    std::unique_ptr<HeldFiles> held_files{};     ///< null: small files are read each time
    std::shared_ptr<datasets::RunStore> runs{};  ///< of datasets; null: no state is configured
    std::shared_ptr<SourceReads> reads{};        ///< outlive the configuration; null: nobody asks
    std::shared_ptr<Caching> caching{};          ///< null: every source is read itself
    std::shared_ptr<history::Book> book{};       ///< null: nothing is remembered

    /// The database that runs the card's SQL, which uses it alone; null: the engine does.
    databases::Database* own_database(const config::Card& card) const;
};

/// A source's database says that it has changed. Called by any thread.
using SourceChanged = std::function<void(const std::string& source)>;

/// Executors for this configuration; the engine knows the sources that can be read now. From those
/// that are running, a database whose source is as in `before` is taken over with its connections,
/// and a growing file with its rows.
Result<Executors> open_executors(const config::Config& config, const SourceChanged& changed = {},
                                 const config::Config* before = nullptr,
                                 const Executors* running = nullptr);

}  // namespace gatehouse::app
