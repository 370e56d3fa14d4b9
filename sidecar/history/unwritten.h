// Traffic that the state's database does not hold yet.
//
// Thread safety: none; a value.
#pragma once

#include <map>
#include <string>

#include "sidecar/history/meter.h"
#include "sidecar/history/steps.h"
#include "sidecar/history/traffic.h"

namespace gatehouse::history {

/// Of one endpoint: what comes to its steps, and the counters that they account for with it.
struct UnwrittenTraffic {
    std::map<Step, Traffic> steps;
    std::map<std::string, Traffic> counters;  ///< by region
};

using Unwritten = std::map<std::string, UnwrittenTraffic>;  ///< by endpoint

/// More steps than that are not made of one growth, but longer ones.
inline constexpr std::int64_t most_steps = 360;

/// What came within a second lies in ten seconds, in their minute and in their hour. What came
/// within a longer time, while nobody counted, is spread evenly over it. `counters`: as the growth
/// has left them.
void add(Unwritten& to, const Growth& growth, const ByEndpoint& counters);

}  // namespace gatehouse::history
