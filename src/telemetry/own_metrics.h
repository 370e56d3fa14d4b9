// Metrics that the configuration of the sidecar makes of data: the table "sidecar.own_metrics".
// First what there is, a line for each metric, then an empty line, then the series as in the table
// of sidecar_metrics.h.
//
//     metric TAB gauge or counter TAB its labels, separated by commas TAB help LF
//     …
//     LF
//     metric TAB value of its first label TAB … TAB number LF
//     …
//
// In help and in values of labels, which may be any text, "\t", "\n" and "\\" stand for a tab, a
// line's end and a backslash. A number may be "nan", "inf" or "-inf".
//
// Thread safety: plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/telemetry/exposition.h"
#include "src/telemetry/sidecar_metrics.h"

namespace gatehouse::telemetry {

inline constexpr std::string_view own_metrics_table = "sidecar.own_metrics";

struct OwnMetric {
    std::string name;
    MetricType type = MetricType::gauge;
    std::string labels;  ///< separated by commas
    std::string help;

    bool operator==(const OwnMetric&) const = default;
};

struct OwnMetrics {
    std::vector<OwnMetric> metrics;
    SidecarMetrics series;

    bool operator==(const OwnMetrics&) const = default;
};

std::string own_metrics_text(const OwnMetrics& own);

/// Lines that are none are left out.
OwnMetrics parse_own_metrics(std::string_view text);

void expose(Exposition& out, const OwnMetrics& own);

/// What the name of a metric is in OpenMetrics, where no other metric may have it: that of a
/// counter without "_total".
std::string_view family_of(std::string_view name, MetricType type) noexcept;

}  // namespace gatehouse::telemetry
