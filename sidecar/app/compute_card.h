// From a card to its representations: sources, SQL, steps, rendering, compression.
//
// Thread safety: may be called by several threads at once. Blocks; meant for the pool.
#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "sidecar/config/types.h"
#include "sidecar/engine/engine.h"
#include "sidecar/render/representation.h"
#include "sidecar/sources/sources.h"
#include "src/base/result.h"

namespace gatehouse::app {

struct ComputedCard {
    std::vector<render::Representation> representations;
    /// What the card's sources were while it was computed, by source name: compare with sources::fingerprint to learn whether
    /// they still are.
    std::map<std::string, sources::Fingerprint> inputs;
    std::uint64_t rows = 0;
};

/// Computes the card from its sources as they are now. A source that changes meanwhile has the card computed again, a bounded
/// number of times. The message of an error names the card and, where one is to blame, the source and its file.
Result<ComputedCard> compute_card(engine::Engine& engine, const config::Config& config,
                                  const config::Card& card, std::stop_token stop);

/// Whether the card's sources are still what `inputs` says; an unreadable source is a change.
bool unchanged(const config::Config& config,
               const std::map<std::string, sources::Fingerprint>& inputs);

struct Probe {
    std::vector<sources::FileStamp> files;
    std::vector<std::pair<std::string, std::string>> columns;  ///< name, SQL type
};

/// Reads the head of a source: what `source test` shows.
Result<Probe> probe(engine::Engine& engine, const config::Source& source, std::stop_token stop);

}  // namespace gatehouse::app
