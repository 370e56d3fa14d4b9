// What an nginx has counted, as series by the names of docs/metrics.md, and by route.
//
// Thread safety: free functions without state.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "sidecar/alerts/growth.h"
#include "src/telemetry/reader.h"

namespace gatehouse::alerts {

// Beside those that are served; the route is their label.
inline constexpr std::string_view route_requests = "requests of a route";
inline constexpr std::string_view route_errors = "answers of a route from 500 on";

/// Only those of `wanted`.
Counted series_of(const telemetry::Reader& reader,
                  const std::set<std::string, std::less<>>& wanted);

}  // namespace gatehouse::alerts
