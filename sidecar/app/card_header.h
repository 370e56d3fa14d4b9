// What a card's definition alone says about its snapshot: path, cache header, limits, scopes. Kept
// apart from the bodies so that data computed earlier can be put under a changed definition.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sidecar/config/types.h"
#include "src/base/result.h"
#include "src/board/published.h"
#include "src/board/snapshot.h"

namespace gatehouse::app {

using Snapshot = std::shared_ptr<const board::Published>;

/// A spec of the card without bodies, times and generation. `require` is the card's scopes as the
/// snapshot has them and must live as long as the spec.
board::SnapshotSpec header_spec(const config::Card& card, const std::string& require);

/// The card's scopes, separated by one space.
std::string joined_scopes(const config::Card& card);

/// Whether a snapshot says of itself what the card's definition says.
bool header_matches(const board::SnapshotView& view, const config::Card& card);

/// Seals a snapshot and opens it for publishing.
Result<Snapshot> seal(const board::SnapshotSpec& spec);

/// The bodies of a snapshot under the card's definition, in memory of its own. Data and their times
/// stay what they are. Fails when none of the card's formats is among them.
Result<Snapshot> rewrap(const board::SnapshotView& view, const config::Card& card,
                        std::uint64_t generation);

}  // namespace gatehouse::app
