// A card's envelope: JSON around its answer. Internal to config.
#pragma once

#include <optional>

#include "sidecar/config/diagnostics.h"
#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// The string in whose place the answer goes.
inline constexpr const char* envelope_data = "$data";

/// What is before and behind the first such string. Nothing: there is none, or no envelope.
std::optional<Envelope> envelope_of(const Node* node);

/// Whether the card's envelope, if any, has a place for its answer, and one only.
void check_envelope(const Node& card, Diagnostics& out);

/// As configured.
Json envelope_json(const Envelope& envelope);

}  // namespace gatehouse::config
