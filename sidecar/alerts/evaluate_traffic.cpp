#include "sidecar/alerts/evaluate_traffic.h"

#include <algorithm>

#include "sidecar/alerts/region_series.h"
#include "sidecar/alerts/words.h"
#include "sidecar/base/units.h"
#include "src/telemetry/families.h"

namespace gatehouse::alerts {

namespace {

using telemetry::SeriesLabels;
using Values = std::map<SeriesLabels, double>;

std::vector<std::string> split(std::string_view list)
{
    std::vector<std::string> parts;
    while (!list.empty()) {
        const auto size = std::min(list.find(','), list.size());
        parts.emplace_back(list.substr(0, size));
        list.remove_prefix(std::min(size + 1, list.size()));
    }
    return parts;
}

/// The names of a metric's labels, in their order: of one that is served, or of one's own.
std::vector<std::string> labels_of(const std::string& metric, const World& world)
{
    for (const auto* one : telemetry::all_metrics) {
        if (one->name == metric) {
            return split(one->labels);
        }
    }
    const auto own = world.own_labels.find(metric);
    return own == world.own_labels.end() ? std::vector<std::string>{} : own->second;
}

bool has_labels(const config::AlertRule& rule, const std::vector<std::string>& names,
                const SeriesLabels& values)
{
    return std::all_of(rule.labels.begin(), rule.labels.end(), [&](const auto& wanted) {
        const auto at = std::find(names.begin(), names.end(), wanted.first);
        const auto index = static_cast<std::size_t>(at - names.begin());
        return index < values.size() && values[index] == wanted.second;
    });
}

/// `zone=clients`; of a metric without labels its name.
std::string target_of(const config::AlertRule& rule, const std::vector<std::string>& names,
                      const SeriesLabels& values)
{
    std::string target;
    for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) {
        target += (i == 0 ? "" : ",") + names[i] + '=' + values[i];
    }
    return target.empty() ? rule.metric : target;
}

Observation beyond(const config::AlertRule& rule, std::string target, double value, bool whole)
{
    const bool above = rule.above && value > *rule.above;
    const bool below = rule.below && value < *rule.below;
    Observation one{std::move(target)};
    one.value = value;
    one.holds = above || (below && whole) ? Holds::yes : whole ? Holds::no : Holds::unknown;
    one.detail = rule.metric + (one.target == rule.metric ? "" : '{' + one.target + '}') + " is " +
                 in_words(value) + (rule.rate ? " a second" : "");
    if (above || below) {
        one.detail += std::string{above ? ", above " : ", below "} +
                      in_words(above ? *rule.above : *rule.below);
    }
    return one;
}

double seconds(std::chrono::milliseconds time)
{
    return static_cast<double>(time.count()) / 1000;
}

Evaluation of_metric(const config::AlertRule& rule, const World& world, const Windows& windows)
{
    Evaluation out;
    const auto names = labels_of(rule.metric, world);
    const auto now = world.now.find(rule.metric);
    const auto values = rule.rate                ? windows.growth(rule.window, rule.metric)
                        : now != world.now.end() ? now->second
                                                 : Values{};
    const bool whole = !rule.rate || windows.is_whole(rule.window);
    for (const auto& [labels, value] : values) {
        if (has_labels(rule, names, labels)) {
            out.found.push_back(beyond(rule, target_of(rule, names, labels),
                                       rule.rate ? value / seconds(rule.window) : value, whole));
        }
    }
    return out;
}

/// A number for each route that is meant, or for all together.
std::map<std::string, double> by_route(const config::AlertRule& rule, const Values& values)
{
    std::map<std::string, double> out;
    if (rule.route.empty()) {
        out[all_routes] = 0;
    }
    for (const auto& [labels, value] : values) {
        const auto route = labels.empty() ? std::string{} : labels.front();
        if (rule.route.empty()) {
            out[all_routes] += value;
        } else if (rule.route == "*" || rule.route == route) {
            out[route] += value;
        }
    }
    return out;
}

std::string route_in_words(const std::string& target)
{
    return target == all_routes ? "all routes" : "route \"" + target + '"';
}

Evaluation of_errors(const config::AlertRule& rule, const Windows& windows)
{
    Evaluation out;
    const auto errors = by_route(rule, windows.growth(rule.window, route_errors));
    for (const auto& [target, requests] :
         by_route(rule, windows.growth(rule.window, route_requests))) {
        const auto failed = errors.find(target);
        const double share = requests > 0 && failed != errors.end() ? failed->second / requests : 0;
        const bool enough = requests >= static_cast<double>(rule.min_requests);
        out.found.push_back({target,
                             enough && share > *rule.above   ? Holds::yes
                             : windows.is_whole(rule.window) ? Holds::no
                                                             : Holds::unknown,
                             share,
                             route_in_words(target) + ": " + in_words(share * 100) + " % of " +
                                 in_words(requests) + " requests within " +
                                 sidecar::format_duration(rule.window) + " failed"});
    }
    return out;
}

Evaluation of_refusals(const config::AlertRule& rule, const Windows& windows)
{
    Evaluation out;
    const auto metric = telemetry::metrics::refused.name;
    for (const auto& [target, refused] : by_route(rule, windows.growth(rule.window, metric))) {
        const auto rate = refused / seconds(rule.window);
        out.found.push_back({target,
                             rate > *rule.above              ? Holds::yes
                             : windows.is_whole(rule.window) ? Holds::no
                                                             : Holds::unknown,
                             rate,
                             route_in_words(target) + ": " + in_words(rate) +
                                 " requests a second refused, within " +
                                 sidecar::format_duration(rule.window)});
    }
    return out;
}

}  // namespace

Evaluation evaluate_traffic(const config::AlertRule& rule, const World& world,
                            const Windows& windows)
{
    auto out = rule.on == "metric"   ? of_metric(rule, world, windows)
               : rule.on == "errors" ? of_errors(rule, windows)
                                     : of_refusals(rule, windows);
    out.gone = [known = world.has_nginx && world.is_settled](const std::string&) { return known; };
    return out;
}

}  // namespace gatehouse::alerts
