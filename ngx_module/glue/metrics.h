// What other features add to gate_metrics: numbers that are looked up when somebody asks for them.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <vector>

#include "src/telemetry/exposition.h"

namespace gatehouse::glue {

/// Called in a worker for every scrape, after the families of the region. It begins families of its
/// own, of src/telemetry/families.h, and must be quick: requests are waiting.
using Collector = void (*)(telemetry::Exposition&);

/// From postconfiguration or init_module; registering twice is the same as once. A collector stays
/// when a later configuration no longer has its feature: it then adds nothing.
void add_collector(Collector collector);
const std::vector<Collector>& collectors() noexcept;

}  // namespace gatehouse::glue
