#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/verdict.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
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

/// What a stage holds of a request: one piece of its pool, rules first.
class Collection {
public:
    Collection(ngx_http_request_t& r, const std::vector<Rule>& rules, Stage stage)
        : r_(r), rules_(rules), stage_(stage)
    {
    }

    /// Asks each rule whether it applies. Those that spend now come first, so that their charges
    /// lie side by side.
    void collect()
    {
        bool some_spend_later = false;
        for (const auto& rule : rules_) {
            if (rule.stage == stage_) {
                rule.count == Count::status ? (void)(some_spend_later = true) : add(rule);
            }
        }
        spending_ = charge_count_;
        for (const auto& rule : rules_) {
            if (some_spend_later && rule.stage == stage_ && rule.count == Count::status) {
                add(rule);
            }
        }
    }

    std::span<Applied> applied() const noexcept { return {applied_, applied_count_}; }
    std::span<limit::Charge> now() const noexcept { return {charges_, spending_}; }

    /// To be spent when the status is known.
    std::span<limit::Charge> later() const noexcept
    {
        return {charges_ + spending_, charge_count_ - spending_};
    }

private:
    void add(const Rule& rule);
    void make_room();

    ngx_http_request_t& r_;
    const std::vector<Rule>& rules_;
    Stage stage_;
    Applied* applied_ = nullptr;
    limit::Charge* charges_ = nullptr;
    std::size_t applied_count_ = 0;
    std::size_t charge_count_ = 0;
    std::size_t spending_ = 0;
};

void Collection::make_room()
{
    std::size_t windows = 0;
    std::size_t count = 0;
    for (const auto& rule : rules_) {
        if (rule.stage == stage_) {
            windows += rule.most_windows;
            ++count;
        }
    }
    static_assert(alignof(limit::Charge) <= alignof(Applied));
    static_assert(std::is_trivially_destructible_v<Applied> &&
                  std::is_trivially_destructible_v<limit::Charge>);
    void* room = ngx_palloc(r_.pool, count * sizeof(Applied) + windows * sizeof(limit::Charge));
    if (room == nullptr) {
        throw std::bad_alloc{};
    }
    applied_ = static_cast<Applied*>(room);
    charges_ = reinterpret_cast<limit::Charge*>(applied_ + count);
}

void Collection::add(const Rule& rule)
{
    if (rule.skip && is_set(rule.skip->evaluate(r_))) {
        return;
    }
    const auto key = rule.zone->key->evaluate(r_);
    if (key.empty()) {
        return;
    }
    const auto* plan = plan_of(r_, rule);
    const auto cost = plan != nullptr ? cost_of(r_, rule) : 0;
    if (cost == 0) {
        return;
    }
    if (applied_ == nullptr) {
        make_room();
    }
    auto& zone = *rule.zone->zone;
    const auto hash = zone.hash(key);
    const auto now = zone.now(ngx_current_msec);
    auto* const first = charges_ + charge_count_;
    auto* next = first;
    for (const auto& window : plan->windows) {
        new (next++) limit::Charge{.zone = &zone,
                                   .window = &window,
                                   .key = hash,
                                   .cost = cost,
                                   .evict = rule.zone->evict,
                                   .now = now};
    }
    charge_count_ += static_cast<std::size_t>(next - first);
    new (applied_ + applied_count_++) Applied{&rule, plan, key, {first, next}};
}

const limit::Charge* decide(const Collection& collection) noexcept
{
    const auto later = collection.later();
    const auto refusing_later = later.empty() ? limit::npos : limit::peek(later);
    if (refusing_later != limit::npos) {
        // Untouched: the others say how they stand, for the response's fields.
        limit::peek(collection.now());
        return &later[refusing_later];
    }
    for (auto& charge : later) {
        charge.outcome.remaining += charge.cost;
    }
    const auto refusing = limit::decide(collection.now());
    return refusing == limit::npos ? nullptr : &collection.now()[refusing];
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
    Tightest tightest = state.tightest;
    for (const auto& one : applied) {
        const auto* const end = one.charges.data() + one.charges.size();
        for (const auto* charge = one.charges.data(); charge != end; ++charge) {
            if (tightest.charge == nullptr ||
                is_tighter(charge->outcome, tightest.charge->outcome)) {
                tightest = {&one, charge};
            }
        }
    }
    state.tightest = tightest;
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
    Collection collection{r, *conf.rules, stage};
    collection.collect();
    const auto applied = collection.applied();
    if (applied.empty()) {
        return {};
    }
    auto* state = RequestState::find(r);
    Verdict verdict{.state = state != nullptr ? state : &RequestState::make(r)};
    verdict.state->applied(stage) = applied;
    verdict.state->awaits_status |= !collection.later().empty();
    verdict.refusing = decide(collection);
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
    if (!std::exchange(state.awaits_status, false)) {
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
