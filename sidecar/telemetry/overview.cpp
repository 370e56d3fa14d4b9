#include "sidecar/telemetry/overview.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include "sidecar/base/json_writer.h"
#include "src/telemetry/reader.h"

namespace gatehouse::sidecar {

namespace {

using telemetry::Family;
using telemetry::NameKind;
using telemetry::Reader;

constexpr const char* class_names[] = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::size_t classes = std::size(class_names);
constexpr const char* limit_names[telemetry::limit_counters] = {"passed", "delayed", "rejected",
                                                                "evicted_active"};

struct Endpoint {
    std::array<std::uint64_t, classes> requests{};
    telemetry::HistogramTotal durations;
};

struct Cap {
    std::int64_t active = 0;
    std::uint64_t rejected = 0;
};

/// By name: the indices of one nginx mean nothing in another.
struct Sums {
    std::map<std::string, Endpoint, std::less<>> endpoints;
    std::map<std::string, std::array<std::uint64_t, telemetry::limit_counters>> limits;
    std::map<std::string, Cap> caps;
    std::int64_t websockets = 0;
};

std::string name_of(const Reader& reader, NameKind kind, unsigned index)
{
    return std::string{reader.name(kind, index).value_or("other")};
}

std::size_t class_of(unsigned status)
{
    const std::size_t hundreds = status / 100;
    return hundreds < classes ? hundreds : 0;
}

void add_total(Sums& sums, const Reader& reader, const Reader::Total& total)
{
    const auto& key = total.key;
    switch (key.family) {
    case Family::http_requests: {
        if (key.a == 0 && total.value == 0) {
            break;
        }
        auto& endpoint = sums.endpoints[name_of(reader, NameKind::endpoint, key.a)];
        endpoint.requests[class_of(key.b)] += total.value;
        break;
    }
    case Family::limit:
        if (key.c < telemetry::limit_counters && (key.a != 0 || total.value != 0)) {
            sums.limits[name_of(reader, NameKind::limit_zone, key.a)][key.c] += total.value;
        }
        break;
    case Family::cap_rejected:
        if (key.a != 0) {
            auto& cap = sums.caps[name_of(reader, NameKind::cap_zone, key.a)];
            cap.rejected += total.value;
            cap.active += reader.gauge(telemetry::first_cap_gauge + key.a);
        }
        break;
    case Family::decisions:
    case Family::card_served:
    case Family::auth_attempts:
    case Family::refused:
    case Family::sent_bytes: break;
    }
}

void add_durations(Sums& sums, const Reader& reader)
{
    const unsigned count = reader.names(NameKind::endpoint);
    for (unsigned i = 0; i < count; ++i) {
        const auto one = reader.histogram(i);
        // What has no name of its own is shown once it has counted something.
        if (i == 0 && std::all_of(one.buckets.begin(), one.buckets.end(),
                                  [](auto count) { return count == 0; })) {
            continue;
        }
        auto& sum = sums.endpoints[name_of(reader, NameKind::endpoint, i)].durations;
        std::transform(one.buckets.begin(), one.buckets.end(), sum.buckets.begin(),
                       sum.buckets.begin(), std::plus<>{});
        sum.sum_ns += one.sum_ns;
    }
}

void add(Sums& sums, const Reader& reader)
{
    for (const auto& total : reader.totals()) {
        add_total(sums, reader, total);
    }
    add_durations(sums, reader);
    sums.websockets += reader.gauge(telemetry::websocket_gauge);
}

template <class Numbers>
void write_numbers(JsonWriter& json, std::string_view key, const Numbers& numbers)
{
    json.key(key).open_array();
    for (const auto number : numbers) {
        json.value(number);
    }
    json.close_array();
}

void write_endpoints(JsonWriter& json, const Sums& sums)
{
    json.key("endpoints").open_array();
    for (const auto& [name, endpoint] : sums.endpoints) {
        json.open_object().member("endpoint", name).key("requests").open_object();
        for (std::size_t i = 0; i < classes; ++i) {
            json.member(class_names[i], endpoint.requests[i]);
        }
        json.close_object();
        write_numbers(json, "duration_counts", endpoint.durations.buckets);
        json.member("duration_sum_ns", endpoint.durations.sum_ns).close_object();
    }
    json.close_array();
}

void write_zones(JsonWriter& json, const Sums& sums)
{
    json.key("limits").open_array();
    for (const auto& [name, values] : sums.limits) {
        json.open_object().member("zone", name);
        for (unsigned i = 0; i < telemetry::limit_counters; ++i) {
            json.member(limit_names[i], values[i]);
        }
        json.close_object();
    }
    json.close_array().key("caps").open_array();
    for (const auto& [name, cap] : sums.caps) {
        json.open_object()
            .member("zone", name)
            .member("active", cap.active)
            .member("rejected", cap.rejected)
            .close_object();
    }
    json.close_array();
}

}  // namespace

std::string telemetry_json(const std::vector<std::shared_ptr<const SharedMemory>>& regions,
                           std::int64_t at_ms)
{
    Sums sums;
    for (const auto& region : regions) {
        if (const auto reader = Reader::open(region->bytes())) {
            add(sums, *reader);
        }
    }
    JsonWriter json;
    json.open_object().member("at_ms", at_ms);
    write_numbers(json, "duration_bounds_ns", telemetry::bucket_bounds_ns);
    write_endpoints(json, sums);
    write_zones(json, sums);
    json.member("websockets", sums.websockets).close_object();
    return json.take();
}

}  // namespace gatehouse::sidecar
