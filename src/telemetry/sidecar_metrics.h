// What the sidecar knows of the metrics that workers show: the table "sidecar.metrics", one line
// for each series.
//
//     metric TAB value of its first label TAB … TAB number LF
//
// The rows of families.h say which metrics there are and which labels each has. A worker leaves out
// what it does not know: the sidecar may be of another version.
//
// Thread safety: plain values.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/telemetry/exposition.h"
#include "src/telemetry/families.h"

namespace gatehouse::telemetry {

inline constexpr std::string_view sidecar_metrics_table = "sidecar.metrics";

/// By metric, then by the values of its labels in their order.
using SeriesLabels = std::vector<std::string>;
using SidecarMetrics = std::map<std::string, std::map<SeriesLabels, double>, std::less<>>;

/// REQUIRES: as many labels as the metric has. A label with a tab or a line's end is left out, with
/// its series.
void add_series(SidecarMetrics& to, const Metric& metric, SeriesLabels labels, double value);

std::string sidecar_metrics_text(const SidecarMetrics& metrics);

enum class Numbers { finite, any };

/// Lines that are none, or have another number, are left out.
SidecarMetrics parse_sidecar_metrics(std::string_view text, Numbers numbers = Numbers::finite);

/// All series of the metric that have as many labels as it.
void expose(Exposition& out, const SidecarMetrics& metrics, const Metric& metric);

}  // namespace gatehouse::telemetry
