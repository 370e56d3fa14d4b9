// One computation of a card from its sources to a sealed snapshot: what the pool runs.
#pragma once

#include <functional>
#include <memory>

#include "sidecar/app/card_tables.h"
#include "sidecar/app/executors.h"
#include "sidecar/board/store.h"
#include "sidecar/cards/work.h"
#include "sidecar/config/types.h"

namespace gatehouse::app {

/// A configuration, what was opened for it, and what cards gave to others that read them.
struct Setup {
    config::Config config;
    Executors executors{};
    std::shared_ptr<CardTables> tables = {};  ///< outlive the configuration
};

/// Thread safety: the function may be called by several threads at once.
sidecar::Compute make_compute(const std::shared_ptr<const Setup>& setup,
                              std::shared_ptr<sidecar::Generations> generations);

/// What tables that other cards read may take.
inline std::uint64_t memory_for_tables(const config::Engine& engine)
{
    return engine.memory_limit / 8;
}

/// Tells `tables` what cards that others read gave according to their snapshots.
void put_versions(const config::Config& config, const sidecar::BoardStore& store,
                  CardTables& tables);

}  // namespace gatehouse::app
