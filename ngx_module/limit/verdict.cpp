#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/verdict.h"

#include <algorithm>
#include <utility>

#include "ngx_module/glue/telemetry.h"
#include "ngx_module/limit/collection.h"

namespace gatehouse::limit_feature {

namespace {

const limit::Charge* decide(const Collection& collection) noexcept
{
    const auto later = collection.later();
    if (const auto* refusing = later.empty() ? nullptr : limit::peek(later)) {
        // Untouched: the others say how they stand, for the response's fields.
        limit::peek(collection.now());
        return refusing;
    }
    return limit::decide(collection.now());
}

const Applied* owner_of(std::span<const Applied> applied, const limit::Charge& charge) noexcept
{
    return &*std::ranges::find(applied, charge.demand, &Applied::demand);
}

void count_evictions(const Applied& applied) noexcept
{
    if (const auto evicted = applied.demand->evicted; evicted > 0) [[unlikely]] {
        glue::count_limit(applied.rule->zone->telemetry, glue::LimitCounter::evicted_active,
                          evicted);
    }
}

}  // namespace

ngx_msec_t delay_of(std::span<const Applied> applied) noexcept
{
    std::uint64_t longest = 0;
    for (const auto& one : applied) {
        const auto& charge = one.demand->charges[0];
        if (one.rule->delays && one.spent && charge.excess_milli > one.rule->delay_milli) {
            longest = std::max(longest, (charge.excess_milli - one.rule->delay_milli) * 1000 /
                                            charge.window->rate_milli);
        }
    }
    return longest;
}

Verdict ask(ngx_http_request_t& r, const StageRules& rules, Stage stage, RequestState* state)
{
    Collection collection{r, rules, state};
    collection.collect();
    const auto applied = collection.applied();
    if (applied.empty()) {
        return {};
    }
    Verdict verdict{.state = &collection.state()};
    if (state == nullptr) {
        verdict.state->attach(r);
    }
    verdict.state->set_applied(stage, applied);
    if (!collection.later().empty()) {
        verdict.state->awaits_status = true;
    }
    verdict.refusing = decide(collection);
    for (const auto& one : applied) {
        count_evictions(one);
    }
    if (verdict.refusing != nullptr) {
        verdict.refused_by = owner_of(applied, *verdict.refusing);
        verdict.state->refused_by(*verdict.refused_by, *verdict.refusing);
    } else {
        verdict.state->set_charged(stage);
        verdict.delay_ms = delay_of(applied);
    }
    return verdict;
}

void take_back_other_stages(const RequestState& state, Stage refusing) noexcept
{
    for (const Stage stage : {Stage::client, Stage::identity, Stage::miss}) {
        if (stage == refusing || !state.charged(stage)) {
            continue;
        }
        for (const auto& one : state.applied(stage)) {
            if (one.rule->count == Count::status) {
                continue;
            }
            const auto now = one.demand->zone->now(ngx_current_msec).ticks;
            for (const auto& charge : one.demand->all_charges()) {
                limit::take_back(charge, now);
            }
        }
    }
}

void charge_by_status(RequestState& state, ngx_uint_t status) noexcept
{
    if (!std::exchange(state.awaits_status, false)) {
        return;
    }
    state.for_each_applied([&](Applied& one) {
        if (one.spent || !one.rule->statuses.contains(status)) {
            return;
        }
        // Each window for itself: the failure has happened, one that is full already cannot undo
        // it. At the time it was seen, not at that of the request.
        one.demand->now = one.demand->zone->now(ngx_current_msec);
        limit::charge_each(*one.demand);
        one.spent = true;
        count_evictions(one);
    });
    state.seek_tightest_again();
}

}  // namespace gatehouse::limit_feature
