#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/verdict.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/limit/log.h"

namespace gatehouse::limit_feature {

namespace {

bool is_set(std::string_view value) noexcept
{
    return !value.empty() && value != "0";
}

/// nullptr: the variables hold no plan, or one that is malformed; then nothing is limited.
const limit::Plan* plan_of(ngx_http_request_t& r, const Rule& rule)
{
    if (rule.fixed_plan) {
        return &*rule.fixed_plan;
    }
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

/// What is no number costs one request.
std::uint64_t cost_of(ngx_http_request_t& r, const Rule& rule)
{
    if (!rule.cost) {
        return 1;
    }
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

/// Whether the rule applies; then `applied` says how.
bool apply(ngx_http_request_t& r, const Rule& rule, Applied& applied)
{
    if (rule.skip && is_set(rule.skip->evaluate(r))) {
        return false;
    }
    applied.rule = &rule;
    applied.key = rule.zone->key->evaluate(r);
    if (applied.key.empty()) {
        return false;
    }
    applied.plan = plan_of(r, rule);
    if (applied.plan == nullptr) {
        return false;
    }
    applied.cost = cost_of(r, rule);
    return applied.cost > 0;
}

std::span<Applied> collect(ngx_http_request_t& r, const std::vector<Rule>& rules, Stage stage)
{
    glue::Pool pool{r.pool};
    std::span<Applied> all;
    std::size_t count = 0;
    for (const auto& rule : rules) {
        if (rule.stage != stage) {
            continue;
        }
        if (all.empty()) {
            all = pool.make_array<Applied>(rules.size());
        }
        count += apply(r, rule, all[count]) ? 1 : 0;
    }
    return all.first(count);
}

/// Those that spend now come first, so that their charges lie side by side. How many they are.
std::size_t put_spending_first(std::span<Applied> applied) noexcept
{
    std::size_t spending = 0;
    for (std::size_t i = 0; i < applied.size(); ++i) {
        if (applied[i].rule->count != Count::status) {
            std::swap(applied[i], applied[spending++]);
        }
    }
    return spending;
}

void fill(Applied& applied, std::span<limit::Charge> charges, ngx_msec_t monotonic_ms)
{
    auto& zone = *applied.rule->zone;
    const auto hash = zone.zone->hash(applied.key);
    const auto now = zone.zone->now(monotonic_ms);
    for (std::size_t i = 0; i < charges.size(); ++i) {
        auto& charge = charges[i];
        charge.zone = zone.zone;
        charge.window = &applied.plan->windows[i];
        charge.key = hash;
        charge.cost = applied.cost;
        charge.evict = zone.evict;
        charge.now = now;
    }
    applied.charges = charges;
}

struct Charges {
    std::span<limit::Charge> now;
    std::span<limit::Charge> later;  ///< when the status is known
};

Charges make_charges(ngx_http_request_t& r, std::span<Applied> applied)
{
    const std::size_t spending_rules = put_spending_first(applied);
    std::size_t total = 0;
    std::size_t spending = 0;
    for (std::size_t i = 0; i < applied.size(); ++i) {
        total += applied[i].plan->windows.size();
        spending = i < spending_rules ? total : spending;
    }
    const auto charges = glue::Pool{r.pool}.make_array<limit::Charge>(total);
    std::size_t used = 0;
    for (auto& one : applied) {
        fill(one, charges.subspan(used, one.plan->windows.size()), ngx_current_msec);
        used += one.plan->windows.size();
    }
    return {charges.first(spending), charges.subspan(spending)};
}

const limit::Charge* decide(const Charges& charges) noexcept
{
    const auto refusing_later = charges.later.empty() ? limit::npos : limit::peek(charges.later);
    if (refusing_later != limit::npos) {
        // Untouched: the others say how they stand, for the response's fields.
        limit::peek(charges.now);
        return &charges.later[refusing_later];
    }
    for (auto& charge : charges.later) {
        charge.outcome.remaining += charge.cost;
    }
    const auto refusing = limit::decide(charges.now);
    return refusing == limit::npos ? nullptr : &charges.now[refusing];
}

const Applied* owner_of(std::span<const Applied> applied, const limit::Charge* charge) noexcept
{
    for (const auto& one : applied) {
        if (charge >= one.charges.data() && charge < one.charges.data() + one.charges.size()) {
            return &one;
        }
    }
    return nullptr;
}

/// As limit_req: the longest of all delays.
ngx_msec_t delay_of(std::span<const Applied> applied) noexcept
{
    std::uint64_t longest = 0;
    for (const auto& one : applied) {
        const auto& window = *one.charges.front().window;
        const auto excess = one.charges.front().outcome.excess_milli;
        if (window.algorithm == limit::Algorithm::rate && one.rule->delays &&
            one.rule->count != Count::status && excess > one.rule->delay_milli) {
            longest =
                std::max(longest, (excess - one.rule->delay_milli) * 1000 / window.rate_milli);
        }
    }
    return longest;
}

bool is_tighter(const limit::Outcome& one, const limit::Outcome& other) noexcept
{
    return one.remaining != other.remaining ? one.remaining < other.remaining
                                            : one.reset > other.reset;
}

void note_tightest(RequestState& state, std::span<const Applied> applied) noexcept
{
    for (const auto& one : applied) {
        for (const auto& charge : one.charges) {
            if (state.tightest.charge == nullptr ||
                is_tighter(charge.outcome, state.tightest.charge->outcome)) {
                state.tightest = {&one, &charge};
            }
        }
    }
}

void count_evictions(const Applied& applied) noexcept
{
    for (const auto& charge : applied.charges) {
        if (charge.evicted_active) {
            glue::count_limit(applied.rule->zone->telemetry, glue::LimitCounter::evicted_active);
        }
    }
}

}  // namespace

Verdict ask(ngx_http_request_t& r, const LimitConf& conf, Stage stage)
{
    const auto applied = collect(r, *conf.rules, stage);
    if (applied.empty()) {
        return {};
    }
    auto* state = RequestState::find(r);
    Verdict verdict{.state = state != nullptr ? state : &RequestState::make(r)};
    const auto charges = make_charges(r, applied);
    verdict.state->applied(stage) = applied;
    verdict.refusing = decide(charges);
    verdict.state->set_charged(stage, verdict.refusing == nullptr);
    for (const auto& one : applied) {
        count_evictions(one);
    }
    if (verdict.refusing != nullptr) {
        verdict.refused_by = owner_of(applied, verdict.refusing);
        verdict.state->tightest = {verdict.refused_by, verdict.refusing};
    } else {
        note_tightest(*verdict.state, applied);
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
            for (const auto& charge : one.charges) {
                if (one.rule->count != Count::status) {
                    limit::take_back(charge, charge.zone->now(ngx_current_msec).ticks);
                }
            }
        }
    }
}

void charge_by_status(RequestState& state, ngx_uint_t status) noexcept
{
    if (std::exchange(state.status_known, true)) {
        return;
    }
    for (const auto& applied : state.all()) {
        for (const auto& one : applied) {
            if (one.rule->count != Count::status || !one.rule->statuses.contains(status)) {
                continue;
            }
            // Each window for itself: the failure has happened, one that is full already cannot
            // undo it. At the time it was seen, not at that of the request.
            for (auto& charge : one.charges) {
                charge.now = charge.zone->now(ngx_current_msec);
                limit::decide({&charge, 1});
            }
            count_evictions(one);
        }
        note_tightest(state, applied);
    }
}

}  // namespace gatehouse::limit_feature
