// Sections "history" and sources of kind history, from nodes to values.
#pragma once

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// How long steps of that length are kept.
Milliseconds kept_for(const History& kept, std::int64_t step_s);

History build_history(const Node* node);

/// Without a step of its own it has one that makes some hundred to some thousand steps and is kept
/// for so long.
HistorySource build_history_source(const Node& node, const History& kept);

}  // namespace gatehouse::config
