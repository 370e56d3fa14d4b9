// The rules of a stage that apply to a request, and what they demand of it. In the header, as every
// request passes here; what few rules have is in the source file.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstddef>
#include <new>
#include <span>
#include <string_view>

#include "ngx_module/limit/conf.h"
#include "ngx_module/limit/request.h"

namespace gatehouse::limit_feature {

class Collection {
public:
    /// `state`: of the request, if it has one; else it is made with the first rule that applies.
    Collection(ngx_http_request_t& r, const StageRules& stage, RequestState* state) noexcept
        : r_(r), stage_(stage), state_(state)
    {
    }

    /// Asks each rule whether it applies.
    [[gnu::always_inline]] void collect()
    {
        for (const auto& rule : stage_.rules) {
            add(rule);
        }
    }

    /// REQUIRES: some rule applies.
    RequestState& state() const noexcept { return *state_; }
    std::span<Applied> applied() const noexcept { return {applied_, count_}; }

    /// To be spent at once, and when the status is known.
    std::span<limit::Demand> now() const noexcept { return {demands_, spending_}; }
    std::span<limit::Demand> later() const noexcept
    {
        return {demands_ + spending_, count_ - spending_};
    }

private:
    void add(const Rule& rule);
    void make_room();

    ngx_http_request_t& r_;
    const StageRules& stage_;
    RequestState* state_;
    Applied* applied_ = nullptr;
    limit::Demand* demands_ = nullptr;
    limit::Charge* next_charge_ = nullptr;
    std::size_t count_ = 0;
    std::size_t spending_ = 0;
};

/// Of a stage's room, the share of one rule.
inline std::size_t room_for(const Rule& rule) noexcept
{
    return sizeof(Applied) + sizeof(limit::Demand) + rule.most_windows * sizeof(limit::Charge);
}

/// Whether a rule with `skip=` is skipped.
bool is_skipped(ngx_http_request_t& r, const Rule& rule);

/// Of a rate or quota with variables. nullptr: they hold no plan, or one that is malformed; then
/// nothing is limited.
const limit::Plan* plan_of_variables(ngx_http_request_t& r, const Rule& rule);

/// Of a rule with `cost=`. What is no number costs one request.
std::uint64_t cost_of(ngx_http_request_t& r, const Rule& rule);

/// In one piece of the request's pool. The charges are left to limit::decide().
[[gnu::always_inline]] inline void Collection::make_room()
{
    static_assert(alignof(RequestState) == alignof(Applied) &&
                  alignof(Applied) == alignof(limit::Demand) &&
                  alignof(limit::Demand) == alignof(limit::Charge));
    auto* room = static_cast<std::byte*>(ngx_palloc(r_.pool, sizeof(RequestState) + stage_.room));
    if (room == nullptr) {
        throw std::bad_alloc{};
    }
    if (state_ == nullptr) {
        state_ = new (room) RequestState;
    }
    applied_ = reinterpret_cast<Applied*>(room + sizeof(RequestState));
    demands_ = reinterpret_cast<limit::Demand*>(applied_ + stage_.rules.size());
    next_charge_ = reinterpret_cast<limit::Charge*>(demands_ + stage_.rules.size());
}

[[gnu::always_inline]] inline void Collection::add(const Rule& rule)
{
    if (rule.skip && is_skipped(r_, rule)) {
        return;
    }
    const auto key = rule.zone->key->evaluate(r_);
    if (key.empty()) {
        return;
    }
    const auto* plan = rule.fixed_plan ? &*rule.fixed_plan : plan_of_variables(r_, rule);
    if (plan == nullptr) {
        return;
    }
    const auto cost = rule.cost ? cost_of(r_, rule) : 1;
    if (cost == 0) {
        return;
    }
    if (applied_ == nullptr) {
        make_room();
    }
    auto& zone = *rule.zone->zone;
    auto* demand = new (demands_ + count_) limit::Demand{.zone = &zone,
                                                         .windows = plan->windows,
                                                         .charges = next_charge_,
                                                         .key = zone.hash(key),
                                                         .cost = cost,
                                                         .now = zone.now(ngx_current_msec),
                                                         .evict = rule.zone->evict};
    const bool spends = rule.count != Count::status;
    new (applied_ + count_) Applied{&rule, plan, key, demand, spends};
    next_charge_ += demand->windows.size();
    ++count_;
    spending_ += spends ? 1 : 0;
}

}  // namespace gatehouse::limit_feature
