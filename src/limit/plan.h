// The windows of one rate and quota, and a memory of those that came from variables.
//
// Thread safety: none; one per process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/result.h"
#include "src/limit/window.h"

namespace gatehouse::limit {

struct PlanText {
    std::string_view rate = {};   ///< empty: none
    std::string_view quota = {};  ///< empty: none
    std::uint64_t burst = 0;
    Algorithm algorithm = Algorithm::gcra;
    Align align = Align::first;
};

struct Plan {
    std::vector<Window> windows;
    std::string policy;  ///< the value of RateLimit-Policy
};

/// No window at all where both texts are empty.
Result<Plan> make_plan(const PlanText& text);

/// Plans by the text they were made from. A text that is none is remembered as well, so that it is
/// reported once.
class PlanCache {
public:
    /// nullptr: the text is malformed; `report` is called the first time.
    template <class Report>
    const Plan* find(const PlanText& text, const Report& report)
    {
        key_.assign(text.rate).append(1, '\0').append(text.quota);
        if (const auto known = plans_.find(key_); known != plans_.end()) {
            return known->second.malformed ? nullptr : &known->second.plan;
        }
        auto plan = make_plan(text);
        if (!plan) {
            report(plan.error().message);
        }
        return remember(plan ? Entry{std::move(*plan), false} : Entry{{}, true});
    }

    static constexpr std::size_t capacity = 1024;

private:
    struct Entry {
        Plan plan;
        bool malformed;
    };

    const Plan* remember(Entry entry);

    std::string key_;
    std::unordered_map<std::string, Entry> plans_;
};

}  // namespace gatehouse::limit
