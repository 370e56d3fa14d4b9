#include "sidecar/limits/zone_list.h"

#include <cstdio>
#include <map>
#include <optional>

#include "src/telemetry/reader.h"

namespace gatehouse::limits {

namespace {

using sidecar::JsonWriter;
using telemetry::NameKind;
using telemetry::Reader;

constexpr const char* counter_names[telemetry::limit_counters] = {"passed", "delayed", "rejected",
                                                                  "evicted_active"};

/// The counters of each region, added up once for all its zones.
class Counters {
public:
    /// nullptr: there is no region, or it is damaged.
    const Reader* reader(const Memory& memory) { return region(memory).reader_ptr(); }

    std::uint64_t value(const Memory& memory, unsigned zone, unsigned counter)
    {
        const auto& values = region(memory).values;
        const auto found = values.find({zone, counter});
        return found == values.end() ? 0 : found->second;
    }

private:
    struct Region {
        std::optional<Reader> reader;
        std::map<std::pair<unsigned, unsigned>, std::uint64_t> values;

        const Reader* reader_ptr() const { return reader ? &*reader : nullptr; }
    };

    Region& region(const Memory& memory)
    {
        const auto [place, is_new] = regions_.try_emplace(memory.get());
        auto& region = place->second;
        if (!is_new || !memory) {
            return region;
        }
        if (auto reader = Reader::open(memory->bytes())) {
            for (const auto& total : reader->totals()) {
                if (total.key.family == telemetry::Family::limit) {
                    region.values[{total.key.a, total.key.c}] += total.value;
                }
            }
            region.reader = std::move(*reader);
        }
        return region;
    }

    std::map<const SharedMemory*, Region> regions_;
};

std::optional<unsigned> index_of(const Reader& reader, const std::string& zone)
{
    const unsigned count = reader.names(NameKind::limit_zone);
    for (unsigned i = 0; i < count; ++i) {
        if (reader.name(NameKind::limit_zone, i) == zone) {
            return i;
        }
    }
    return std::nullopt;
}

void write_description(JsonWriter& json, const ZoneDescription& zone)
{
    constexpr const char* algorithms[] = {"rate", "gcra", "fixed", "sliding"};
    json.member("name", zone.name).member("key", zone.key);
    if (!zone.rate.empty()) {
        json.member("rate", zone.rate);
        json.key("bursts").open_array();
        for (const auto burst : zone.bursts) {
            json.value(burst);
        }
        json.close_array();
    }
    if (!zone.quota.empty()) {
        json.member("quota", zone.quota)
            .member("window", algorithms[static_cast<std::size_t>(zone.algorithm)])
            .member("align", zone.align == limit::Align::utc ? "utc" : "first");
    }
    json.member("full", zone.evict ? "evict" : "refuse").member("bytes", zone.bytes);
    if (!zone.file.empty()) {
        json.member("file", zone.file);
    }
}

void write_fill(JsonWriter& json, const Zone& zone)
{
    if (const auto fill = fill_of(zone)) {
        json.member("capacity", fill->capacity).member("entries", fill->entries);
    } else {
        json.member("error", fill.error().message);
    }
}

void write_counters(JsonWriter& json, const Zone& zone, Counters& counters)
{
    const auto* reader = counters.reader(zone.telemetry);
    const auto index = reader != nullptr ? index_of(*reader, zone.description.name) : std::nullopt;
    if (!index) {
        return;
    }
    for (unsigned i = 0; i < telemetry::limit_counters; ++i) {
        json.member(counter_names[i], counters.value(zone.telemetry, *index, i));
    }
}

void write_key(JsonWriter& json, const telemetry::TopKey& key)
{
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(key.hash));
    json.open_object()
        .member("label", key.label)
        .member("hash", hash)
        .member("refused", key.count)
        .member("error", key.error)
        .close_object();
}

}  // namespace

void write_nginx(JsonWriter& json, const Zone& zone)
{
    json.member("master", zone.nginx.master).member("prefix", zone.nginx.prefix);
    json.key("workers").open_array();
    for (const auto pid : zone.workers) {
        json.value(pid);
    }
    json.close_array();
}

std::string list_json(const std::vector<Zone>& zones)
{
    Counters counters;
    JsonWriter json;
    json.open_object().key("zones").open_array();
    for (const auto& zone : zones) {
        json.open_object();
        write_description(json, zone.description);
        write_fill(json, zone);
        write_counters(json, zone, counters);
        write_nginx(json, zone);
        json.close_object();
    }
    json.close_array().close_object();
    return json.take();
}

std::string top_keys_json(const std::vector<Zone>& zones, std::size_t most)
{
    Counters counters;
    JsonWriter json;
    json.open_object().key("zones").open_array();
    for (const auto& zone : zones) {
        json.open_object().member("zone", zone.description.name);
        write_nginx(json, zone);
        json.key("keys").open_array();
        const auto* reader = counters.reader(zone.telemetry);
        const auto index =
            reader != nullptr ? index_of(*reader, zone.description.name) : std::nullopt;
        if (index) {
            for (const auto& key : reader->top_keys(*index, most)) {
                write_key(json, key);
            }
        }
        json.close_array().close_object();
    }
    json.close_array().close_object();
    return json.take();
}

}  // namespace gatehouse::limits
