// What rules find in the world as it is.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sidecar/alerts/growth.h"
#include "sidecar/alerts/observation.h"
#include "sidecar/config/types.h"
#include "src/health/words.h"

namespace gatehouse::alerts {

struct CheckSeen {
    std::string name;
    std::string kind;
    health::State state = health::State::unknown;  ///< unknown: nothing can be said
    std::string message;                           ///< why it is not up
    std::optional<double> value;                   ///< what was measured last
};

struct CardSeen {
    std::string name;
    std::int64_t max_age_ms = 0;
    std::optional<std::int64_t> age_ms;  ///< nothing: it has no data
    std::string error;                   ///< of the last computation; empty: it was good
};

struct World {
    std::vector<CheckSeen> checks;
    std::vector<CardSeen> cards;
    std::vector<Counted> counted;  ///< of the metrics that are wanted
    Series now;                    ///< all of that together, as it stands
    std::map<std::string, std::vector<std::string>> own_labels;  ///< of metrics of one's own
    bool has_nginx = false;                                      ///< a worker is connected
    bool is_settled = true;  ///< what will be there is there by now
};

/// The target of a rule on all routes together.
inline constexpr const char* all_routes = "*";

/// The metrics that a rule needs.
using MetricNames = std::set<std::string, std::less<>>;
MetricNames metrics_for(const config::AlertRule& rule);

/// Whether it counts what comes within its window.
bool has_window(const config::AlertRule& rule);

/// Its texts are clean, whatever errors of databases and labels from data are made of: one that
/// PostgreSQL refuses would keep all alerts out of the state.
Evaluation evaluate(const config::AlertRule& rule, const World& world, const Windows& windows);

}  // namespace gatehouse::alerts
