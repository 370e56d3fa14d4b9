// The windows that a key of a zone is held against, as far as that is known outside of a request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/limits/zone_description.h"
#include "src/base/result.h"

namespace gatehouse::limits {

/// What the operator says, for a zone whose rate or quota the request decides, or instead of what
/// it has.
struct PlanWords {
    std::string rate;   ///< empty: that of the zone
    std::string quota;  ///< empty: that of the zone
    std::optional<std::uint64_t> burst;

    bool is_empty() const noexcept { return rate.empty() && quota.empty() && !burst; }
};

struct NamedWindow {
    limit::Window window;
    std::optional<std::uint64_t> burst;  ///< of a rate
};

/// A rate once for every burst that a rule has. An error if the zone's rate or quota comes from
/// variables and nothing is said in its stead.
Result<std::vector<NamedWindow>> windows_of(const ZoneDescription& zone, const PlanWords& said);

}  // namespace gatehouse::limits
