// Metrics that the configuration makes of data. Each is computed as a card is, of a name that no
// card can have, with all that this brings: when its source changes, again after a failure, beside
// others in the pool. Its rows are its series.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sidecar/app/produce.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/telemetry/own_metrics.h"

namespace gatehouse::app {

inline constexpr std::size_t most_series = 1000;  ///< of one metric

/// What became of the metrics last.
///
/// Thread safety: all of it.
class OwnMetrics {
public:
    /// Takes the rows of a metric's card. Fails, and keeps what was there, where they are none.
    Result<void> put(const config::OwnMetric& metric, const sidecar::Table& rows);

    /// Of these metrics; one that has no labels and was not computed yet is NaN. What another
    /// definition of a metric gave is not its own.
    telemetry::OwnMetrics of(const std::vector<config::OwnMetric>& metrics) const;

private:
    using Series = std::map<telemetry::SeriesLabels, double>;
    struct Last {
        config::OwnMetric definition;
        Series series;
    };

    mutable std::mutex mutex_;
    std::map<std::string, Last> last_;  ///< by name
};

/// Empty: the card is no metric's.
std::string metric_of_card(const std::string& card);

/// By name.
std::map<std::string, config::Card> cards_of_metrics(const config::Config& config);

/// Computes cards as `cards` does, and those of metrics into `own`.
sidecar::Compute with_own_metrics(sidecar::Compute cards, std::shared_ptr<const Setup> setup,
                                  std::shared_ptr<OwnMetrics> own);

}  // namespace gatehouse::app
