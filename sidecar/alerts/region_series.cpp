#include "sidecar/alerts/region_series.h"

#include <array>

#include "src/telemetry/decision.h"
#include "src/telemetry/http_labels.h"

namespace gatehouse::alerts {

namespace {

using telemetry::Family;
using telemetry::Metric;
using telemetry::NameKind;
using telemetry::Reader;
using telemetry::SeriesLabels;
namespace metrics = telemetry::metrics;

constexpr const Metric* limit_metrics[telemetry::limit_counters] = {
    &metrics::limit_passed, &metrics::limit_delayed, &metrics::limit_rejected,
    &metrics::limit_evicted};
constexpr std::string_view card_results[telemetry::card_results] = {"hit", "stale", "not_modified",
                                                                    "miss"};
constexpr std::string_view auth_methods[telemetry::auth_methods] = {"none", "token", "jwt"};

class Collector {
public:
    Collector(const Reader& reader, const std::set<std::string, std::less<>>& wanted)
        : reader_(reader), wanted_(wanted)
    {
        counted_.origin = reader.started_at_ms();
    }

    Counted collect()
    {
        for (const auto& total : reader_.totals()) {
            if (total.key.a != 0 || total.value != 0 || !is_named(total.key.family)) {
                take(total.key, static_cast<double>(total.value));
            }
        }
        put(metrics::websocket_connections.name, {},
            static_cast<double>(reader_.gauge(telemetry::websocket_gauge)));
        put(metrics::dropped.name, {}, static_cast<double>(reader_.dropped()));
        return std::move(counted_);
    }

private:
    /// Whether its `a` is the index of a name, 0 being what has none.
    static bool is_named(Family family) noexcept
    {
        return family != Family::decisions && family != Family::auth_attempts;
    }

    std::string name(NameKind kind, unsigned index) const
    {
        return std::string{reader_.name(kind, index).value_or("other")};
    }

    void put(std::string_view metric, SeriesLabels labels, double value)
    {
        if (wanted_.contains(metric)) {
            counted_.series[std::string{metric}][std::move(labels)] += value;
        }
    }

    void take(const telemetry::SeriesKey& key, double value)
    {
        switch (key.family) {
        case Family::http_requests: return take_requests(key, value);
        case Family::decisions: return take_decision(key, value);
        case Family::limit:
            if (key.c < telemetry::limit_counters) {
                put(limit_metrics[key.c]->name, {name(NameKind::limit_zone, key.a)}, value);
            }
            return;
        case Family::cap_rejected:
            put(metrics::cap_rejected.name, {name(NameKind::cap_zone, key.a)}, value);
            put(metrics::cap_active.name, {name(NameKind::cap_zone, key.a)},
                static_cast<double>(reader_.gauge(telemetry::first_cap_gauge + key.a)));
            return;
        case Family::card_served:
            if (key.c < telemetry::card_results) {
                put(metrics::card_served.name,
                    {name(NameKind::card, key.a), std::string{card_results[key.c]}}, value);
            }
            return;
        case Family::refused:
            return put(metrics::refused.name, {name(NameKind::endpoint, key.a)}, value);
        case Family::sent_bytes:
            return put(metrics::sent_bytes.name, {name(NameKind::endpoint, key.a)}, value);
        case Family::auth_attempts:
            if (key.a < telemetry::auth_methods) {
                put(metrics::auth_attempts.name,
                    {std::string{auth_methods[key.a]}, key.b != 0 ? "admitted" : "refused",
                     reason(key.c)},
                    value);
            }
            return;
        }
    }

    static std::string reason(unsigned number)
    {
        return std::string{
            telemetry::name_of(static_cast<telemetry::Reason>(number), telemetry::reason_names)};
    }

    void take_requests(const telemetry::SeriesKey& key, double value)
    {
        const bool by_status = wanted_.contains(metrics::http_requests.name);
        const bool by_route = wanted_.contains(route_requests);
        if (!by_status && !by_route) {
            return;
        }
        const auto route = name(NameKind::endpoint, key.a);
        if (by_status) {
            put(metrics::http_requests.name,
                {std::string{telemetry::method_name(key.c)}, route,
                 key.b == telemetry::other_status ? "other" : std::to_string(key.b)},
                value);
        }
        if (by_route) {
            put(route_requests, {route}, value);
            put(route_errors, {route}, key.b >= 500 ? value : 0);
        }
    }

    void take_decision(const telemetry::SeriesKey& key, double value)
    {
        const auto outcome = static_cast<telemetry::Outcome>(key.b);
        put(metrics::decisions.name,
            {std::string{
                 telemetry::name_of(static_cast<telemetry::Stage>(key.a), telemetry::stage_names)},
             std::string{telemetry::name_of(outcome, telemetry::outcome_names)}, reason(key.c)},
            value);
    }

    const Reader& reader_;
    const std::set<std::string, std::less<>>& wanted_;
    Counted counted_;
};

}  // namespace

Counted series_of(const Reader& reader, const std::set<std::string, std::less<>>& wanted)
{
    return Collector{reader, wanted}.collect();
}

}  // namespace gatehouse::alerts
