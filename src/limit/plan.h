// The windows of one rate and quota, and a memory of those that came from variables.
//
// Thread safety: none; one per process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/result.h"
#include "src/limit/grammar.h"
#include "src/limit/window.h"

namespace gatehouse::limit {

struct PlanText {
    std::string_view rate = {};   ///< empty: none
    std::string_view quota = {};  ///< empty: none
    std::uint64_t burst = 0;
    Algorithm algorithm = Algorithm::gcra;
    Align align = Align::first;
};

/// A rate and a quota.
inline constexpr std::size_t most_plan_windows = 1 + most_quota_windows;

struct Plan {
    std::vector<Window> windows;
    std::string policy;  ///< the value of RateLimit-Policy
};

/// No window at all where both texts are empty. Of two quotas over one period, which would count in
/// one cell, only the smaller one is left: it always has the last word.
Result<Plan> make_plan(const PlanText& text);

/// Plans by the text they were made from. A text that is none is remembered as well, so that it is
/// reported once.
class PlanCache {
public:
    /// nullptr: the text is malformed; `report` is called the first time. What is found may be
    /// forgotten by the next call: who needs it longer shares it.
    template <class Report>
    const std::shared_ptr<const Plan>& find(const PlanText& text, const Report& report)
    {
        key_.assign(text.rate).append(1, '\0').append(text.quota);
        if (const auto known = plans_.find(key_); known != plans_.end()) {
            return known->second;
        }
        auto plan = make_plan(text);
        if (!plan) {
            report(plan.error().message);
        }
        return remember(plan ? std::make_shared<const Plan>(std::move(*plan)) : nullptr);
    }

    static constexpr std::size_t capacity = 1024;

private:
    const std::shared_ptr<const Plan>& remember(std::shared_ptr<const Plan> plan);

    std::string key_;
    std::unordered_map<std::string, std::shared_ptr<const Plan>> plans_;
};

}  // namespace gatehouse::limit
