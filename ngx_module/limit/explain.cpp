#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/explain.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/limit/collection.h"
#include "ngx_module/limit/module.h"
#include "ngx_module/limit/verdict.h"

namespace gatehouse::limit_feature {

namespace {

std::string_view word_of(Stage stage) noexcept
{
    switch (stage) {
    case Stage::client: return "client";
    case Stage::identity: return "identity";
    case Stage::miss: return "miss";
    }
    return {};
}

std::string_view reason_of(const limit::Charge& charge) noexcept
{
    if (charge.zone_full) {
        return "zone_full";
    }
    return charge.window->algorithm == limit::Algorithm::rate ? "rate" : "quota";
}

void describe(const Applied& applied, const limit::Charge& charge, JsonWriter& json)
{
    auto outcome = charge.outcome();
    if (outcome.admitted) {
        outcome.remaining += applied.demand->cost;  // as it stands now: nothing is charged
    }
    json.open_object().member("window", charge.window->name);
    json.member("limit", charge.window->amount).member("admits", charge.admitted);
    json.member("remaining", outcome.remaining);
    json.member("reset_s", seconds_up(outcome.reset));
    if (!charge.admitted) {
        json.member("retry_after_s", std::max<std::uint64_t>(seconds_up(outcome.retry), 1));
    }
    json.close_object();
}

void describe(const LimitConf& conf, const Applied& applied, glue::TraceStep& step)
{
    step.effect = glue::Effect::admits;
    step.dry_run = conf.dry_run != 0;
    step.facts.key("windows").open_array();
    for (const auto& charge : applied.demand->all_charges()) {
        describe(applied, charge, step.facts);
        if (!charge.admitted && step.effect != glue::Effect::refuses) {
            step.refuse(conf.status, reason_of(charge));
        }
    }
    step.facts.close_array();
    if (const auto delay = delay_of({&applied, 1});
        step.effect == glue::Effect::admits && delay != 0) {
        step.effect = glue::Effect::delays;
        step.delay_ms = delay;
    }
    if (!applied.spent) {
        step.facts.member("counts", "by the status of the response");
    }
}

void describe_rules(const LimitConf& conf, std::span<const Rule> rules,
                    std::span<const Applied> applied, Stage stage, glue::Trace& trace)
{
    for (const auto& rule : rules) {
        auto& step = trace.add("limit");
        step.facts.member("zone", rule.zone_name).member("at", word_of(stage));
        const auto found = std::find_if(applied.begin(), applied.end(),
                                        [&](const Applied& one) { return one.rule == &rule; });
        if (found != applied.end()) {
            describe(conf, *found, step);
        } else {
            step.reason = "does not apply: skipped, or without a key, a plan or a cost";
        }
    }
}

template <Stage Which>
void explain_limits(ngx_http_request_t& r, glue::Trace& trace)
{
    const auto& conf = glue::location_conf<LimitConf>(r, ngx_http_gatehouse_limit_module);
    if (conf.rules == nullptr || conf.rules->of(Which).rules.empty()) {
        if (Which == Stage::client && (conf.rules == nullptr || conf.rules->rules.empty())) {
            trace.add("limit");
        }
        return;
    }
    const auto& rules = conf.rules->of(Which);
    Collection collection{r, rules, nullptr};
    collection.collect();
    if (!collection.applied().empty()) {
        limit::peek(collection.now());
        limit::peek(collection.later());
    }
    describe_rules(conf, rules.rules, collection.applied(), Which, trace);
}

}  // namespace

void explain_limits_when_asked() noexcept
{
    glue::on_explain(glue::ExplainStop::limit_client, explain_limits<Stage::client>);
    glue::on_explain(glue::ExplainStop::limit_identity, explain_limits<Stage::identity>);
    glue::on_explain(glue::ExplainStop::limit_miss, explain_limits<Stage::miss>);
}

}  // namespace gatehouse::limit_feature
