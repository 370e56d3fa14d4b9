#include "sidecar/limits/plan_windows.h"

#include "src/limit/plan.h"

namespace gatehouse::limits {

namespace {

/// Nothing: it comes from variables.
std::optional<std::string> known(const std::string& said, const std::string& configured,
                                 bool varies)
{
    if (!said.empty()) {
        return said;
    }
    return varies ? std::nullopt : std::optional{configured};
}

Error unknown(const ZoneDescription& zone)
{
    const auto& what = zone.rate_varies ? zone.rate : zone.quota;
    return {"zone \"" + zone.name + "\" takes its " + (zone.rate_varies ? "rate" : "quota") +
            " from \"" + what + "\", which each request decides: say which one is meant with " +
            (zone.rate_varies ? "--rate" : "--quota")};
}

Error too_large(std::uint64_t burst)
{
    return {"a burst of " + std::to_string(burst) +
            " is more than can be: " + std::to_string(limit::largest_burst)};
}

Result<void> add(std::vector<NamedWindow>& windows, const limit::PlanText& text,
                 std::optional<std::uint64_t> burst)
{
    auto plan = limit::make_plan(text);
    if (!plan) {
        return plan.error();
    }
    for (auto& window : plan->windows) {
        windows.push_back({std::move(window), burst});
    }
    return {};
}

std::vector<std::uint64_t> bursts_of(const ZoneDescription& zone, const PlanWords& said)
{
    if (said.burst) {
        return {*said.burst};
    }
    return zone.bursts.empty() ? std::vector<std::uint64_t>{0} : zone.bursts;
}

}  // namespace

Result<std::vector<NamedWindow>> windows_of(const ZoneDescription& zone, const PlanWords& said)
{
    const auto rate = known(said.rate, zone.rate, zone.rate_varies);
    const auto quota = known(said.quota, zone.quota, zone.quota_varies);
    const bool said_something = !said.rate.empty() || !said.quota.empty();
    if ((!rate || !quota) && !said_something) {
        return unknown(zone);
    }
    std::vector<NamedWindow> windows;
    if (rate && !rate->empty()) {
        for (const auto burst : bursts_of(zone, said)) {
            if (burst > limit::largest_burst) {
                return too_large(burst);
            }
            if (auto added = add(windows, {.rate = *rate, .burst = burst}, burst); !added) {
                return added.error();
            }
        }
    }
    if (quota && !quota->empty()) {
        const limit::PlanText text{
            .quota = *quota, .algorithm = zone.algorithm, .align = zone.align};
        if (auto added = add(windows, text, std::nullopt); !added) {
            return added.error();
        }
    }
    return windows;
}

}  // namespace gatehouse::limits
