// Results of checks that the state's database does not hold yet.
//
// Thread safety: none; values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/history/steps.h"
#include "sidecar/history/traffic.h"
#include "src/health/words.h"

namespace gatehouse::history {

/// What one run of a check came to.
struct CheckResult {
    std::string metric;  ///< the check's name
    health::State state = health::State::unknown;
    std::int64_t at_ms = 0;
    std::optional<double> value;
    std::int64_t duration_us = 0;
    std::string message;
};

/// All results of a check within a step.
struct CheckStep {
    Number up = 0, degraded = 0, down = 0;
    Number duration_us = 0;  ///< of all together
    double value_sum = 0;
    Number value_count = 0;
    std::optional<double> value_min, value_max;

    bool operator==(const CheckStep&) const = default;
};

CheckStep step_of(const CheckResult& result);
void add(CheckStep& to, const CheckStep& more);

struct UnwrittenResults {
    std::vector<CheckResult> results;
    std::map<std::pair<std::string, Step>, CheckStep> steps;  ///< by check

    bool empty() const noexcept { return steps.empty(); }
};

class ResultLog {
public:
    /// Every result counts in its minute and its hour. It is kept itself if it is the check's
    /// first, if the state is another than before, or if the one kept last is a minute old. True:
    /// the state is another.
    bool take(CheckResult result);

    UnwrittenResults& unwritten() noexcept { return unwritten_; }

    /// What could not be written, to be written with what came meanwhile. The oldest results go
    /// when there are too many.
    void put_back(UnwrittenResults results);

    static constexpr std::int64_t interval_ms = 60'000;
    static constexpr std::size_t most_results = 100'000;

private:
    struct Kept {
        health::State state;
        std::int64_t at_ms;
    };

    std::map<std::string, Kept> kept_;
    UnwrittenResults unwritten_;
};

}  // namespace gatehouse::history
