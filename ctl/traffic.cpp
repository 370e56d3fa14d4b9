#include "ctl/traffic.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace gatehouse::ctl {

namespace {

constexpr double ns_per_ms = 1e6;

std::vector<std::int64_t> numbers_of(const Json& list)
{
    std::vector<std::int64_t> numbers;
    for (const auto& number : list.items()) {
        numbers.push_back(number.number());
    }
    return numbers;
}

std::int64_t rise(std::int64_t before, std::int64_t now)
{
    return std::max<std::int64_t>(now - before, 0);
}

template <class Value>
Value find(const std::map<std::string, Value>& values, const std::string& name)
{
    const auto found = values.find(name);
    return found == values.end() ? Value{} : found->second;
}

using Buckets = std::vector<std::int64_t>;

Buckets rises(const Buckets& before, const Buckets& now)
{
    Buckets found = now;
    for (std::size_t i = 0; i < std::min(before.size(), now.size()); ++i) {
        found[i] = rise(before[i], now[i]);
    }
    return found;
}

/// As Prometheus' histogram_quantile: evenly spread within a bucket; of the last one, which has no
/// end, where it begins.
double quantile_ms(const Buckets& counts, const std::vector<std::int64_t>& bounds_ns, double share)
{
    const auto total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    const double rank = share * static_cast<double>(total);
    double below = 0;
    for (std::size_t i = 0; i < std::min(counts.size(), bounds_ns.size()); ++i) {
        const auto count = static_cast<double>(counts[i]);
        if (count > 0 && below + count >= rank) {
            const auto from = i == 0 ? 0.0 : static_cast<double>(bounds_ns[i - 1]);
            const auto to = static_cast<double>(bounds_ns[i]);
            return (from + (to - from) * (rank - below) / count) / ns_per_ms;
        }
        below += count;
    }
    return bounds_ns.empty() ? 0 : static_cast<double>(bounds_ns.back()) / ns_per_ms;
}

Traffic::Percentiles percentiles(const Buckets& counts, const std::vector<std::int64_t>& bounds_ns)
{
    if (std::all_of(counts.begin(), counts.end(), [](auto count) { return count == 0; })) {
        return {};
    }
    return {true, quantile_ms(counts, bounds_ns, 0.5), quantile_ms(counts, bounds_ns, 0.95),
            quantile_ms(counts, bounds_ns, 0.99)};
}

void add(Buckets& sum, const Buckets& counts)
{
    sum.resize(std::max(sum.size(), counts.size()));
    std::transform(counts.begin(), counts.end(), sum.begin(), sum.begin(), std::plus<>{});
}

void add_endpoints(Traffic& traffic, const Sample& before, const Sample& now)
{
    Buckets all;
    for (const auto& [name, later] : now.endpoints) {
        const auto earlier = find(before.endpoints, name);
        Traffic::Endpoint endpoint;
        endpoint.name = name;
        for (std::size_t i = 0; i < status_classes; ++i) {
            const auto risen = static_cast<double>(rise(earlier.requests[i], later.requests[i]));
            endpoint.requests[i] = risen / traffic.seconds;
            endpoint.total += endpoint.requests[i];
            traffic.all.requests[i] += endpoint.requests[i];
        }
        const auto durations = rises(earlier.durations, later.durations);
        endpoint.durations = percentiles(durations, now.bounds_ns);
        add(all, durations);
        traffic.all.total += endpoint.total;
        traffic.endpoints.push_back(std::move(endpoint));
    }
    traffic.all.durations = percentiles(all, now.bounds_ns);
    std::stable_sort(traffic.endpoints.begin(), traffic.endpoints.end(),
                     [](const auto& a, const auto& b) { return a.total > b.total; });
}

void add_zones(Traffic& traffic, const Sample& before, const Sample& now)
{
    const auto per_second = [&](std::int64_t earlier, std::int64_t later) {
        return static_cast<double>(rise(earlier, later)) / traffic.seconds;
    };
    for (const auto& [zone, later] : now.limits) {
        const auto earlier = find(before.limits, zone);
        traffic.limits.push_back({zone, per_second(earlier.passed, later.passed),
                                  per_second(earlier.delayed, later.delayed),
                                  per_second(earlier.rejected, later.rejected), later.rejected});
    }
    for (const auto& [zone, later] : now.caps) {
        const auto earlier = find(before.caps, zone);
        traffic.caps.push_back({zone, later.active, per_second(earlier.rejected, later.rejected)});
    }
}

}  // namespace

Sample read_sample(const Json& telemetry)
{
    Sample sample;
    sample.at_ms = telemetry["at_ms"].number();
    sample.bounds_ns = numbers_of(telemetry["duration_bounds_ns"]);
    sample.websockets = telemetry["websockets"].number();
    for (const auto& row : telemetry["endpoints"].items()) {
        auto& endpoint = sample.endpoints[row["endpoint"].text()];
        for (std::size_t i = 0; i < status_classes; ++i) {
            endpoint.requests[i] = row["requests"][status_class_names[i]].number();
        }
        endpoint.durations = numbers_of(row["duration_counts"]);
    }
    for (const auto& row : telemetry["limits"].items()) {
        sample.limits[row["zone"].text()] = {row["passed"].number(), row["delayed"].number(),
                                             row["rejected"].number()};
    }
    for (const auto& row : telemetry["caps"].items()) {
        sample.caps[row["zone"].text()] = {row["active"].number(), row["rejected"].number()};
    }
    return sample;
}

Traffic traffic_between(const Sample& before, const Sample& now)
{
    Traffic traffic;
    traffic.seconds = std::max(static_cast<double>(now.at_ms - before.at_ms) / 1000, 0.001);
    traffic.websockets = now.websockets;
    add_endpoints(traffic, before, now);
    add_zones(traffic, before, now);
    return traffic;
}

}  // namespace gatehouse::ctl
