// From how all checks stand to the tables by which nginx answers.
//
// Thread safety: free functions without state.
#pragma once

#include <chrono>

#include "sidecar/health/profiles.h"
#include "sidecar/health/report.h"
#include "src/health/table.h"

namespace gatehouse::checks {

/// Every question in every profile, also the brief one. REQUIRES: the report was judged.
health::TableSpec answers(const Report& report, const Profiles& profiles,
                          std::chrono::milliseconds down_after);

/// What is answered while the sidecar is away: of each question the degraded and the down one.
health::TableSpec answers_while_away(const Report& report, const Profiles& profiles,
                                     std::chrono::milliseconds down_after);

}  // namespace gatehouse::checks
