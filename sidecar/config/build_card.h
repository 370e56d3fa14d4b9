// A card's values, with the defaults that depend on other values. Internal to build.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// `sources`: those whose names in the SQL make the card depend on them when it does not list any.
/// `cards`: the names of all cards, which it may read as well.
Card build_card(const Node& node, const std::map<std::string, Source>& sources,
                const std::set<std::string>& cards);

/// The longest wait between two computations; nothing for on_change.
std::optional<Milliseconds> longest_wait(const Refresh& refresh);

/// 60s, or twice the longest wait between two computations when that is more.
Milliseconds default_max_age(const Refresh& refresh);

/// `public, max-age=N`, `private` when scopes are required, and `stale-if-error=M` when `stale` is
/// set.
std::string default_cache_control(const Card& card);

/// The name in the configuration.
const char* shape_name(Shape shape);

}  // namespace gatehouse::config
