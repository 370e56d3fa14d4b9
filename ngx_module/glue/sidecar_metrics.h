// What the sidecar counts, as this worker was told last; see src/telemetry/sidecar_metrics.h.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "src/telemetry/own_metrics.h"
#include "src/telemetry/sidecar_metrics.h"

namespace gatehouse::glue {

/// From postconfiguration.
void follow_sidecar_metrics();

/// Read when it is asked for: the sidecar may tell every second, and nobody may want to know.
const telemetry::SidecarMetrics& sidecar_metrics();

/// Those that the sidecar makes of data.
const telemetry::OwnMetrics& own_metrics();

/// 0 where nothing was told.
double sidecar_metric(const telemetry::Metric& metric, const std::string& label);

}  // namespace gatehouse::glue
