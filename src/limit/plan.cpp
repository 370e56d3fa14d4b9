#include "src/limit/plan.h"

#include <algorithm>
#include <utility>

#include "src/limit/fields.h"
#include "src/limit/grammar.h"

namespace gatehouse::limit {

namespace {

constexpr std::uint64_t longest_refill_s = longest_period_ms / 1000;

Result<Window> make_rate(const PlanText& text)
{
    const auto rate = parse_rate(text.rate);
    if (!rate) {
        return rate.error();
    }
    if ((text.burst + 1) * 1000 / *rate > longest_refill_s) {
        return Error{"a burst of " + std::to_string(text.burst) + " at \"" +
                     std::string{text.rate} + "\" refills in more than 20 years"};
    }
    return rate_window(*rate, text.burst, std::string{text.rate});
}

void add_quota(std::vector<Window>& windows, Window window)
{
    const auto same = std::find_if(windows.begin(), windows.end(),
                                   [&](const Window& w) { return w.salt == window.salt; });
    if (same == windows.end()) {
        windows.push_back(std::move(window));
    } else if (window.amount < same->amount) {
        *same = std::move(window);
    }
}

}  // namespace

Result<Plan> make_plan(const PlanText& text)
{
    Plan plan;
    if (!text.rate.empty()) {
        auto rate = make_rate(text);
        if (!rate) {
            return rate.error();
        }
        plan.windows.push_back(std::move(*rate));
    }
    if (!text.quota.empty()) {
        auto windows = parse_quota(text.quota, text.algorithm, text.align);
        if (!windows) {
            return windows.error();
        }
        for (auto& window : *windows) {
            add_quota(plan.windows, std::move(window));
        }
    }
    for (const auto& window : plan.windows) {
        append_policy(plan.policy, window);
    }
    return plan;
}

const std::shared_ptr<const Plan>& PlanCache::remember(std::shared_ptr<const Plan> plan)
{
    // Values come from a map, a token or a claim: few. Should they be many, none is worth keeping.
    if (plans_.size() >= capacity) {
        plans_.clear();
    }
    return plans_.insert_or_assign(key_, std::move(plan)).first->second;
}

}  // namespace gatehouse::limit
