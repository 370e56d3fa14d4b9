// What computes: the engine, and each database source by itself.
//
// Thread safety: immutable once opened; what it holds may be used by several threads at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "sidecar/config/types.h"
#include "sidecar/databases/database.h"
#include "sidecar/datasets/run_store.h"
#include "sidecar/engine/engine.h"
#include "src/base/result.h"

namespace gatehouse::app {

using Databases = std::map<std::string, std::shared_ptr<databases::Database>>;  ///< by source

struct Executors {
    std::unique_ptr<engine::Engine> engine;
    Databases databases;
    std::shared_ptr<datasets::RunStore> runs{};  ///< of datasets; null: no state is configured

    /// The database that runs the card's SQL, which uses it alone; null: the engine does.
    databases::Database* own_database(const config::Card& card) const;
};

/// A source's database says that it has changed. Called by any thread.
using SourceChanged = std::function<void(const std::string& source)>;

/// Executors for this configuration; the engine knows the sources that can be read now. A database
/// whose source is as in `before` is taken over with its connections.
Result<Executors> open_executors(const config::Config& config, const SourceChanged& changed = {},
                                 const config::Config* before = nullptr,
                                 const Databases& held = {});

}  // namespace gatehouse::app
