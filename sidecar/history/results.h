// Results of checks that the state's database does not hold yet.
//
// Thread safety: none; values.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

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
    std::deque<CheckResult> results;  ///< the oldest first
    /// By step and check: the oldest minute first, hours after all minutes.
    std::map<std::pair<Step, std::string>, CheckStep> steps;

    bool empty() const noexcept { return results.empty() && steps.empty(); }
};

/// - It holds so many results and so many steps at most: of more, the oldest go.
class ResultLog {
public:
    /// Every result counts in its minute and its hour. It is kept itself if it is the check's
    /// first, if the state is another than before, or if the one kept last is a minute old. True:
    /// the state is another.
    bool take(CheckResult result);

    const UnwrittenResults& unwritten() const noexcept { return unwritten_; }

    /// The oldest of what is not written, for one transaction: so many of each at most.
    UnwrittenResults take_batch();

    /// Whether more is left than comes together for one transaction.
    bool has_whole_batch() const noexcept;

    /// What could not be written, to be written with what came meanwhile.
    void put_back(UnwrittenResults results);

    /// Results and steps that went unwritten, since the last call.
    std::uint64_t take_lost() noexcept { return std::exchange(lost_, 0); }

    static constexpr std::int64_t interval_ms = 60'000;
    static constexpr std::size_t most_of_each = 100'000;
    static constexpr std::size_t batch_of_each = 2'000;

private:
    struct Kept {
        health::State state;
        std::int64_t at_ms;
    };

    void keep_bounds();

    std::map<std::string, Kept> kept_;
    UnwrittenResults unwritten_;
    std::uint64_t lost_ = 0;
};

}  // namespace gatehouse::history
