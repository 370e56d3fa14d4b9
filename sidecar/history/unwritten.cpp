#include "sidecar/history/unwritten.h"

namespace gatehouse::history {

namespace {

std::int64_t step_for(std::int64_t span_s)
{
    for (const auto step_s : kept_steps) {
        if (span_s <= most_steps * step_s) {
            return step_s;
        }
    }
    return kept_steps.back();
}

}  // namespace

void add(Unwritten& to, const Growth& growth, const ByEndpoint& counters)
{
    const auto step_s = step_for(growth.until_s - growth.from_s);
    for (const auto& [endpoint, traffic] : growth.traffic) {
        auto& unwritten = to[endpoint];
        unwritten.counters[growth.region] = counters.at(endpoint);
        spread(traffic, growth.from_s, growth.until_s, step_s,
               [&](std::int64_t at_s, const Traffic& part) {
                   each_step(at_s, step_s, [&](Step step) { add(unwritten.steps[step], part); });
               });
    }
}

}  // namespace gatehouse::history
