// Whether cards that read cards come to an end.
#pragma once

#include "sidecar/config/diagnostics.h"
#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// So many cards may read one another in a row.
inline constexpr std::size_t longest_chain = 16;

/// REQUIRES: `root` is the whole document.
void check_graph(const Node& root, const Config& config, Diagnostics& out);

}  // namespace gatehouse::config
