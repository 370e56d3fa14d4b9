#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/collection.h"

#include <charconv>
#include <memory>
#include <string>

#include "ngx_module/glue/pool.h"
#include "ngx_module/limit/log.h"

namespace gatehouse::limit_feature {

bool is_skipped(ngx_http_request_t& r, const Rule& rule)
{
    const auto value = rule.skip->evaluate(r);
    return !value.empty() && value != "0";
}

const limit::Plan* plan_of_variables(ngx_http_request_t& r, const Rule& rule)
{
    const auto& zone = *rule.zone;
    const limit::PlanText text{.rate = zone.rate ? zone.rate->evaluate(r) : std::string_view{},
                               .quota = zone.quota ? zone.quota->evaluate(r) : std::string_view{},
                               .burst = rule.burst,
                               .algorithm = zone.algorithm,
                               .align = zone.align};
    const auto& plan =
        rule.plans->find(text, [&](const std::string& why) { log_malformed(r, zone, why); });
    if (plan == nullptr || plan->windows.empty()) {
        return nullptr;
    }
    // The request's own share: another request may make the cache forget it.
    return glue::Pool{r.pool}.make<std::shared_ptr<const limit::Plan>>(plan).get();
}

std::uint64_t cost_of(ngx_http_request_t& r, const Rule& rule)
{
    const auto text = rule.cost->evaluate(r);
    std::uint64_t cost = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cost);
    if (error == std::errc::result_out_of_range) {
        return ~std::uint64_t{0};
    }
    if (error != std::errc{} || end != text.data() + text.size()) {
        log_malformed_cost(r, *rule.zone, text);
        return 1;
    }
    return cost;
}

}  // namespace gatehouse::limit_feature
