#include "sidecar/limits/zone_description.h"

#include <jansson.h>

#include <algorithm>
#include <memory>

#include "src/limit/grammar.h"

namespace gatehouse::limits {

namespace {

struct Release {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};

constexpr std::size_t longest_name = 64;

std::string text_of(const json_t* object, const char* key)
{
    const auto* value = json_object_get(object, key);
    return json_is_string(value) ? std::string{json_string_value(value), json_string_length(value)}
                                 : std::string{};
}

bool flag_of(const json_t* object, const char* key)
{
    return json_is_true(json_object_get(object, key));
}

std::uint64_t size_of(const json_t* value)
{
    return static_cast<std::uint64_t>(std::max<json_int_t>(json_integer_value(value), 0));
}

std::vector<std::uint64_t> bursts_of(const json_t* list)
{
    std::vector<std::uint64_t> bursts;
    for (std::size_t i = 0; i < std::min(json_array_size(list), most_bursts); ++i) {
        bursts.push_back(size_of(json_array_get(list, i)));
    }
    return bursts;
}

/// It stands in paths of the control API.
bool is_name(const std::string& name)
{
    return !name.empty() && name.size() <= longest_name &&
           name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
               "_-.") == name.npos;
}

ZoneDescription zone_of(const json_t* object)
{
    ZoneDescription zone;
    zone.name = text_of(object, "name");
    zone.key = text_of(object, "key");
    zone.rate = text_of(object, "rate");
    zone.quota = text_of(object, "quota");
    zone.rate_varies = flag_of(object, "rate_varies");
    zone.quota_varies = flag_of(object, "quota_varies");
    if (const auto algorithm = limit::parse_algorithm(text_of(object, "window"))) {
        zone.algorithm = *algorithm;
    }
    zone.align = text_of(object, "align") == "utc" ? limit::Align::utc : limit::Align::first;
    zone.evict = text_of(object, "full") != "refuse";
    zone.bytes = size_of(json_object_get(object, "bytes"));
    zone.file = text_of(object, "file");
    zone.bursts = bursts_of(json_object_get(object, "bursts"));
    zone.utc_offset_ms = json_integer_value(json_object_get(object, "utc_offset_ms"));
    return zone;
}

}  // namespace

std::vector<ZoneDescription> parse_zones(std::string_view json)
{
    json_error_t error;
    const std::unique_ptr<json_t, Release> root{json_loadb(json.data(), json.size(), 0, &error)};
    std::vector<ZoneDescription> zones;
    for (std::size_t i = 0; i < json_array_size(root.get()); ++i) {
        auto zone = zone_of(json_array_get(root.get(), i));
        if (is_name(zone.name)) {
            zones.push_back(std::move(zone));
        }
    }
    return zones;
}

}  // namespace gatehouse::limits
