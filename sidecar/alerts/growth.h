// Counters that only grow, whatever becomes of the memories in which they are counted: an nginx
// that ends, starts again, or is out of sight for a while.
//
// Thread safety: none. Knows no clock: times are arguments, of a steady one.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/telemetry/sidecar_metrics.h"

namespace gatehouse::alerts {

/// By metric, then by the values of its labels.
using Series = telemetry::SidecarMetrics;

/// What is counted in one memory.
struct Counted {
    std::int64_t origin = 0;  ///< tells memories apart: Unix time from which it counts; 0: our own
    Series series;
};

/// As it stands, all together.
Series sum_of(const std::vector<Counted>& counted);

class Growth {
public:
    /// Adds what has come since the last call. A memory that counts from before `watching_ms` has
    /// what it had then left out.
    void take(const std::vector<Counted>& counted, std::int64_t watching_ms);

    const Series& totals() const noexcept { return totals_; }

private:
    std::map<std::int64_t, Series> last_;  ///< by origin
    Series totals_;
};

/// How much series have grown within spans of time, to about a thirtieth of the span.
class Windows {
public:
    using Span = std::chrono::milliseconds;

    /// Spans that stay keep what they have seen.
    void configure(const std::set<Span>& spans);

    void push(const Series& totals, std::int64_t steady_ms);

    /// Of each series of the metric, since the span's begin.
    std::map<telemetry::SeriesLabels, double> growth(Span span, std::string_view metric) const;

    /// Whether all of the span was seen.
    bool is_whole(Span span) const;

private:
    struct Sample {
        std::int64_t at_ms;
        Series totals;
    };

    std::map<Span, std::deque<Sample>> samples_;  ///< the first is where the span begins
    Series totals_;
    std::int64_t now_ms_ = 0;
};

}  // namespace gatehouse::alerts
