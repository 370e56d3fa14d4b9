#include "sidecar/alerts/evaluate.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sidecar/alerts/evaluate_traffic.h"
#include "sidecar/alerts/region_series.h"
#include "sidecar/alerts/words.h"
#include "sidecar/base/clean_text.h"
#include "sidecar/base/units.h"

namespace gatehouse::alerts {

using health::State;

namespace {

bool is_meant(const std::string& pattern, const std::string& name)
{
    return pattern == "*" || pattern == name;
}

/// Checks of upstreams are known once nginx is there.
auto gone_unless_of_nginx(const World& world)
{
    return [has_nginx = world.has_nginx](const std::string& target) {
        return has_nginx || !target.starts_with("upstream:");
    };
}

Holds holds_for(const config::AlertRule& rule, State state)
{
    switch (state) {
    case State::unknown: return Holds::unknown;
    case State::up: return Holds::no;
    case State::degraded: return rule.state == "degraded" ? Holds::yes : Holds::no;
    case State::down: return Holds::yes;
    }
    return Holds::unknown;
}

Evaluation of_checks(const config::AlertRule& rule, const World& world)
{
    Evaluation out;
    out.gone = gone_unless_of_nginx(world);
    for (const auto& check : world.checks) {
        if (!is_meant(rule.check, check.name)) {
            continue;
        }
        const char* state = check.state == State::down ? " is down" : " is degraded";
        out.found.push_back({check.name, holds_for(rule, check.state), check.value,
                             "check \"" + check.name + '"' + state +
                                 (check.message.empty() ? "" : ": " + check.message)});
    }
    return out;
}

Evaluation of_certificates(const config::AlertRule& rule, const World& world)
{
    Evaluation out;
    for (const auto& check : world.checks) {
        if (check.kind != "tls" || !is_meant(rule.check, check.name)) {
            continue;
        }
        auto& one = out.found.emplace_back(Observation{check.name});
        one.value = check.value;
        if (check.value) {
            one.holds = *check.value < rule.days ? Holds::yes : Holds::no;
            const auto days = in_words(std::floor(std::abs(*check.value)));
            one.detail =
                "the certificate of \"" + check.name + "\" " +
                (*check.value < 0 ? "ended " + days + " days ago" : "ends in " + days + " days");
        }
    }
    return out;
}

Observation of_card(const config::AlertRule& rule, const CardSeen& card)
{
    Observation one{card.name};
    const auto because = card.error.empty() ? "" : ": " + card.error;
    if (!card.age_ms) {
        // Without an error it is on its way.
        one.holds = card.error.empty() ? Holds::unknown : Holds::yes;
        one.detail = "card \"" + card.name + "\" has no data" + because;
        return one;
    }
    const std::chrono::milliseconds age{std::max<std::int64_t>(*card.age_ms, 0)};
    const auto limit = rule.max_age.value_or(std::chrono::milliseconds{card.max_age_ms});
    one.value = static_cast<double>(age.count()) / 1000;
    one.holds = age > limit ? Holds::yes : Holds::no;
    one.detail = "card \"" + card.name + "\" was current " +
                 sidecar::format_duration(std::chrono::floor<std::chrono::seconds>(age)) +
                 " ago, more than " + sidecar::format_duration(limit) + because;
    return one;
}

Evaluation of_cards(const config::AlertRule& rule, const World& world)
{
    Evaluation out;
    for (const auto& card : world.cards) {
        if (is_meant(rule.card, card.name)) {
            out.found.push_back(of_card(rule, card));
        }
    }
    return out;
}

Evaluation find(const config::AlertRule& rule, const World& world, const Windows& windows)
{
    if (rule.on == "check") {
        return of_checks(rule, world);
    }
    if (rule.on == "certificate") {
        return of_certificates(rule, world);
    }
    if (rule.on == "card") {
        return of_cards(rule, world);
    }
    return evaluate_traffic(rule, world, windows);
}

}  // namespace

MetricNames metrics_for(const config::AlertRule& rule)
{
    if (rule.on == "metric") {
        return {rule.metric};
    }
    if (rule.on == "errors") {
        return {std::string{route_requests}, std::string{route_errors}};
    }
    return rule.on == "refusals" ? MetricNames{std::string{telemetry::metrics::refused.name}}
                                 : MetricNames{};
}

bool has_window(const config::AlertRule& rule)
{
    return rule.on == "errors" || rule.on == "refusals" || (rule.on == "metric" && rule.rate);
}

Evaluation evaluate(const config::AlertRule& rule, const World& world, const Windows& windows)
{
    auto out = find(rule, world, windows);
    for (auto& one : out.found) {
        one.target = sidecar::clean_text(one.target);
        one.detail = sidecar::clean_text(one.detail);
    }
    return out;
}

}  // namespace gatehouse::alerts
