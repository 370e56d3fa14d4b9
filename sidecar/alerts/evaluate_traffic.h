// Rules on metrics, errors and refusals. Internal to evaluate.
#pragma once

#include "sidecar/alerts/evaluate.h"

namespace gatehouse::alerts {

/// A window of which only a part was seen can show that a rule holds, and not that it does not.
Evaluation evaluate_traffic(const config::AlertRule& rule, const World& world,
                            const Windows& windows);

}  // namespace gatehouse::alerts
