// From counters that only grow to what was counted since the last look.
//
// Thread safety: none; a value. The time is an argument.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "sidecar/history/counters.h"
#include "sidecar/history/traffic.h"

namespace gatehouse::history {

/// What one nginx had counted, and when.
struct Reading {
    std::int64_t at_s = 0;
    ByEndpoint traffic;
};
using Readings = std::map<std::string, Reading>;  ///< by region

/// What came within the time from `from_s` to before `until_s`.
struct Growth {
    std::string region;
    std::int64_t from_s = 0;
    std::int64_t until_s = 0;
    ByEndpoint traffic;  ///< of endpoints that have counted more
};

class Meter {
public:
    /// Forgets what it has seen, and goes on from these.
    void resume(Readings readings) { seen_ = std::move(readings); }

    /// A region that was never seen has counted since it began.
    Growth take(const Counters& now, std::int64_t now_s);

    bool knows(const std::string& region) const { return seen_.contains(region); }

    /// The others are as if they had never been seen.
    void keep_only(const std::set<std::string>& regions);

private:
    Readings seen_;
};

/// Hands out `traffic` in equal parts to the steps of `step_s` that the time lies in.
template <class Put>
void spread(const Traffic& traffic, std::int64_t from_s, std::int64_t until_s, std::int64_t step_s,
            Put put)
{
    const auto first = from_s / step_s;
    const auto steps = (until_s - 1) / step_s - first + 1;
    for (std::int64_t i = 0; i < steps; ++i) {
        put((first + i) * step_s, part_of(traffic, i, steps));
    }
}

}  // namespace gatehouse::history
