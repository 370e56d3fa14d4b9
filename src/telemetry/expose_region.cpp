#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "src/telemetry/decision.h"
#include "src/telemetry/exposition.h"
#include "src/telemetry/http_labels.h"

namespace gatehouse::telemetry {

namespace {

using Total = Reader::Total;

constexpr std::string_view card_result_names[card_results] = {"hit", "stale", "not_modified",
                                                              "miss"};

/// Three digits, or "other".
std::string status_name(unsigned status)
{
    return status == other_status || !status_is_known(status) ? "other" : std::to_string(status);
}

/// What counts for no name of the configuration is shown once it has counted something.
bool is_shown(const Total& total) noexcept
{
    return total.key.a != 0 || total.value != 0;
}

/// Not a number where there is nothing to have a share of.
double share(std::uint64_t part, std::uint64_t whole) noexcept
{
    return whole == 0 ? std::nan("") : static_cast<double>(part) / static_cast<double>(whole);
}

class RegionWriter {
public:
    RegionWriter(Exposition& out, const Reader& reader)
        : out_(out), reader_(reader), totals_(reader.totals())
    {
    }

    void write()
    {
        requests();
        durations();
        of_endpoints(metrics::sent_bytes, Family::sent_bytes);
        out_.begin(metrics::websocket_connections);
        out_.sample({}, reader_.gauge(websocket_gauge));
        decisions();
        of_endpoints(metrics::refused, Family::refused);
        limits();
        caps();
        cards();
        attempts();
        figures();
        out_.begin(metrics::start_time);
        out_.sample({}, static_cast<double>(reader_.started_at_ms()) / 1000);
        out_.begin(metrics::dropped);
        out_.sample({}, reader_.dropped());
    }

private:
    std::span<const Total> of(Family family) const
    {
        const auto first = [&](unsigned f) {
            return std::lower_bound(totals_.begin(), totals_.end(), f,
                                    [](const Total& total, unsigned value) {
                                        return static_cast<unsigned>(total.key.family) < value;
                                    });
        };
        const auto number = static_cast<unsigned>(family);
        return {first(number), first(number + 1)};
    }

    std::string_view name(NameKind kind, unsigned index) const
    {
        return reader_.name(kind, index).value_or("other");
    }

    void requests()
    {
        out_.begin(metrics::http_requests);
        for (const auto& total : of(Family::http_requests)) {
            if (is_shown(total)) {
                out_.sample({{"method", method_name(total.key.c)},
                             {"endpoint", name(NameKind::endpoint, total.key.a)},
                             {"status", status_name(total.key.b)}},
                            total.value);
            }
        }
    }

    void durations()
    {
        out_.begin(metrics::http_request_duration);
        const unsigned endpoints = reader_.names(NameKind::endpoint);
        for (unsigned endpoint = 0; endpoint < endpoints; ++endpoint) {
            const auto histogram = reader_.histogram(endpoint);
            const bool empty = std::all_of(histogram.buckets.begin(), histogram.buckets.end(),
                                           [](auto count) { return count == 0; });
            if (endpoint != 0 || !empty) {
                out_.sample({{"endpoint", name(NameKind::endpoint, endpoint)}}, histogram);
            }
        }
    }

    void of_endpoints(const Metric& metric, Family family)
    {
        out_.begin(metric);
        for (const auto& total : of(family)) {
            if (is_shown(total)) {
                out_.sample({{"endpoint", name(NameKind::endpoint, total.key.a)}}, total.value);
            }
        }
    }

    void decisions()
    {
        out_.begin(metrics::decisions);
        for (const auto& total : of(Family::decisions)) {
            out_.sample({{"stage", name_of(static_cast<Stage>(total.key.a), stage_names)},
                         {"outcome", name_of(static_cast<Outcome>(total.key.b), outcome_names)},
                         {"reason", name_of(static_cast<Reason>(total.key.c), reason_names)}},
                        total.value);
        }
    }

    void limits()
    {
        constexpr const Metric* rows[limit_counters] = {
            &metrics::limit_passed, &metrics::limit_delayed, &metrics::limit_rejected,
            &metrics::limit_evicted};
        for (unsigned what = 0; what < limit_counters; ++what) {
            out_.begin(*rows[what]);
            for (const auto& total : of(Family::limit)) {
                if (total.key.c == what && is_shown(total)) {
                    out_.sample({{"zone", name(NameKind::limit_zone, total.key.a)}}, total.value);
                }
            }
        }
    }

    void caps()
    {
        out_.begin(metrics::cap_active);
        for (const auto& total : of(Family::cap_rejected)) {
            const auto active = reader_.gauge(first_cap_gauge + total.key.a);
            if (total.key.a != 0 || active != 0) {
                out_.sample({{"zone", name(NameKind::cap_zone, total.key.a)}}, active);
            }
        }
        out_.begin(metrics::cap_rejected);
        for (const auto& total : of(Family::cap_rejected)) {
            if (is_shown(total)) {
                out_.sample({{"zone", name(NameKind::cap_zone, total.key.a)}}, total.value);
            }
        }
    }

    void cards()
    {
        out_.begin(metrics::card_served);
        for (const auto& total : of(Family::card_served)) {
            if (is_shown(total) && total.key.c < card_results) {
                out_.sample({{"card", name(NameKind::card, total.key.a)},
                             {"result", card_result_names[total.key.c]}},
                            total.value);
            }
        }
    }

    void attempts()
    {
        constexpr std::string_view methods[auth_methods] = {"none", "token", "jwt"};
        out_.begin(metrics::auth_attempts);
        for (const auto& total : of(Family::auth_attempts)) {
            if (total.key.a < auth_methods) {
                out_.sample({{"method", methods[total.key.a]},
                             {"outcome", total.key.b == 1 ? "admitted" : "refused"},
                             {"reason", name_of(static_cast<Reason>(total.key.c), reason_names)}},
                            total.value);
            }
        }
    }

    /// What a page wants to know first, in JSON alone.
    void figures()
    {
        std::uint64_t hits = 0, misses = 0, requests = 0, failed = 0, timed = 0, took_ns = 0;
        for (const auto& total : of(Family::card_served)) {
            const bool miss = total.key.c == static_cast<unsigned>(CardResult::miss);
            (miss ? misses : hits) += total.value;
        }
        for (const auto& total : of(Family::http_requests)) {
            requests += total.value;
            failed += total.key.b >= 500 && total.key.b < 600 ? total.value : 0;
        }
        const unsigned endpoints = reader_.names(NameKind::endpoint);
        for (unsigned endpoint = 0; endpoint < endpoints; ++endpoint) {
            const auto histogram = reader_.histogram(endpoint);
            timed = std::accumulate(histogram.buckets.begin(), histogram.buckets.end(), timed);
            took_ns += histogram.sum_ns;
        }
        out_.json_counter("cache_hits", hits);
        out_.json_counter("cache_misses", misses);
        out_.json_figure("active_connections", static_cast<double>(reader_.gauge(websocket_gauge)));
        out_.json_figure("cache_hit_rate", share(hits, hits + misses));
        out_.json_figure("response_time_avg", share(took_ns, timed) / 1e9);
        out_.json_figure("error_rate", share(failed, requests));
    }

    Exposition& out_;
    const Reader& reader_;
    std::vector<Total> totals_;
};

}  // namespace

void expose_region(Exposition& out, const Reader& reader)
{
    RegionWriter{out, reader}.write();
}

}  // namespace gatehouse::telemetry
