#include "sidecar/history/results.h"

#include <algorithm>
#include <iterator>

#include "sidecar/base/clean_text.h"
#include "sidecar/history/columns.h"

namespace gatehouse::history {

using health::State;

namespace {

/// A clock that was put back does not silence a check.
bool is_due(std::int64_t at_ms, std::int64_t last_ms)
{
    return at_ms < last_ms || at_ms - last_ms >= ResultLog::interval_ms;
}

template <class Choose>
void choose(std::optional<double>& to, const std::optional<double>& other, Choose which)
{
    if (other) {
        to = to ? which(*to, *other) : *other;
    }
}

}  // namespace

CheckStep step_of(const CheckResult& result)
{
    CheckStep step;
    step.up = result.state == State::up ? 1 : 0;
    step.degraded = result.state == State::degraded ? 1 : 0;
    step.down = result.state == State::down ? 1 : 0;
    step.duration_us = result.duration_us;
    step.value_sum = result.value.value_or(0);
    step.value_count = result.value ? 1 : 0;
    step.value_min = step.value_max = result.value;
    return step;
}

void add(CheckStep& to, const CheckStep& more)
{
    to.up += more.up;
    to.degraded += more.degraded;
    to.down += more.down;
    to.duration_us += more.duration_us;
    to.value_sum += more.value_sum;
    to.value_count += more.value_count;
    choose(to.value_min, more.value_min, [](double a, double b) { return std::min(a, b); });
    choose(to.value_max, more.value_max, [](double a, double b) { return std::max(a, b); });
}

bool ResultLog::take(CheckResult result)
{
    result.message = sidecar::clean_text(result.message, longest_text);
    const auto counted = step_of(result);
    each_step(result.at_ms / 1000, minute_s, [&](Step step) {
        add(unwritten_.steps[{step, result.metric}], counted);
    });
    const auto known = kept_.find(result.metric);
    const bool turned = known == kept_.end() || known->second.state != result.state;
    if (turned || is_due(result.at_ms, known->second.at_ms)) {
        kept_.insert_or_assign(result.metric, Kept{result.state, result.at_ms});
        unwritten_.results.push_back(std::move(result));
    }
    keep_bounds();
    return turned;
}

UnwrittenResults ResultLog::take_batch()
{
    UnwrittenResults batch;
    auto& [results, steps] = unwritten_;
    while (!results.empty() && batch.results.size() < batch_of_each) {
        batch.results.push_back(std::move(results.front()));
        results.pop_front();
    }
    while (!steps.empty() && batch.steps.size() < batch_of_each) {
        batch.steps.insert(batch.steps.end(), steps.extract(steps.begin()));
    }
    return batch;
}

bool ResultLog::has_whole_batch() const noexcept
{
    return unwritten_.results.size() >= batch_of_each || unwritten_.steps.size() >= batch_of_each;
}

void ResultLog::put_back(UnwrittenResults results)
{
    for (const auto& [key, step] : results.steps) {
        add(unwritten_.steps[key], step);
    }
    unwritten_.results.insert(unwritten_.results.begin(),
                              std::move_iterator{results.results.begin()},
                              std::move_iterator{results.results.end()});
    keep_bounds();
}

void ResultLog::keep_bounds()
{
    for (; unwritten_.results.size() > most_of_each; ++lost_) {
        unwritten_.results.pop_front();
    }
    for (; unwritten_.steps.size() > most_of_each; ++lost_) {
        unwritten_.steps.erase(unwritten_.steps.begin());
    }
}

}  // namespace gatehouse::history
