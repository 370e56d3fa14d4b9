#include "sidecar/history/meter.h"

#include <algorithm>

namespace gatehouse::history {

namespace {

constexpr std::int64_t longest_s = 400 * 86'400;

}  // namespace

Growth Meter::take(const Counters& now, std::int64_t now_s)
{
    auto [seen, is_new] = seen_.try_emplace(now.region.text, Reading{now.region.began_s, {}});
    auto& before = seen->second;
    Growth growth;
    growth.region = now.region.text;
    growth.until_s = now_s;
    // Whatever clocks do, and a region says, it lies in some steps that are not too many.
    growth.from_s = std::clamp(before.at_s, now_s - longest_s, now_s - 1);
    for (const auto& [endpoint, traffic] : now.traffic) {
        const auto more = since(before.traffic[endpoint], traffic);
        if (more != Traffic{}) {
            growth.traffic.emplace(endpoint, more);
        }
    }
    before = {now_s, now.traffic};
    return growth;
}

void Meter::keep_only(const std::set<std::string>& regions)
{
    std::erase_if(seen_, [&](const auto& seen) { return !regions.contains(seen.first); });
}

}  // namespace gatehouse::history
