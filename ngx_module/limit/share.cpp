#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/share.h"

#include <set>
#include <string>
#include <vector>

#include "ngx_module/glue/hello.h"
#include "src/base/json_escape.h"

namespace gatehouse::limit_feature {

namespace {

constexpr std::string_view prefix = "limit:";

/// What of a hello is left to zones: others have something to say too.
constexpr std::size_t room = 48 << 10;

void add_text(std::string& json, const char* member, std::string_view value)
{
    json.append(",\"").append(member).append("\":");
    append_json_string(json, value);
}

void add_expression(std::string& json, const std::string& member,
                    const std::optional<glue::ComplexValue>& value)
{
    if (value) {
        add_text(json, member.c_str(), value->text());
        json.append(",\"").append(member).append("_varies\":");
        json.append(value->has_variables() ? "true" : "false");
    }
}

/// Of the rules that use the zone.
std::set<std::uint64_t> bursts_of(const MainConf& conf, const ZoneConf& zone)
{
    std::set<std::uint64_t> bursts;
    for (const auto* rules : conf.rules) {
        for (const auto& rule : rules->rules) {
            if (rule.zone == &zone) {
                bursts.insert(rule.burst);
            }
        }
    }
    return bursts;
}

std::string numbers(const std::set<std::uint64_t>& values)
{
    std::string json;
    for (const auto value : values) {
        json.append(json.empty() ? "[" : ",").append(std::to_string(value));
    }
    return json.empty() ? "[]" : json + "]";
}

/// sidecar/limits/zone_description.h reads it.
std::string describe(const MainConf& conf, const ZoneConf& zone)
{
    constexpr const char* algorithms[] = {"rate", "gcra", "fixed", "sliding"};
    std::string json = "{\"name\":";
    append_json_string(json, zone.name);
    add_text(json, "key", zone.key->text());
    add_expression(json, "rate", zone.rate);
    add_expression(json, "quota", zone.quota);
    add_text(json, "window", algorithms[static_cast<std::size_t>(zone.algorithm)]);
    add_text(json, "align", zone.align == limit::Align::utc ? "utc" : "first");
    add_text(json, "full", zone.evict ? "evict" : "refuse");
    add_text(json, "file", zone.path);
    json.append(",\"bytes\":").append(std::to_string(zone.bytes));
    json.append(",\"bursts\":").append(numbers(bursts_of(conf, zone)));
    json.append(",\"utc_offset_ms\":").append(std::to_string(zone.zone->now(0).utc_offset_ms));
    return json + "}";
}

void say_zones(const MainConf& conf, ngx_log_t& log)
{
    std::string json = "[";
    ngx_uint_t left_out = 0;
    for (const auto& zone : conf.zones) {
        const auto description = describe(conf, *zone);
        if (json.size() + description.size() > room) {
            ++left_out;
            continue;
        }
        json.append(json.size() > 1 ? "," : "").append(description);
    }
    glue::say_in_hello("limit_zones", json + "]");
    if (left_out > 0) {
        ngx_log_error(NGX_LOG_WARN, &log, 0,
                      "gatehousectl does not know %ui of the limit zones: there are more than a "
                      "worker can tell the sidecar of",
                      left_out);
    }
}

void take_other_zones_away(const MainConf& conf)
{
    std::vector<std::string> gone;
    for (const auto& region : glue::shared_regions()) {
        const std::string_view name{region.name};
        if (name.starts_with(prefix) && conf.find(name.substr(prefix.size())) == nullptr) {
            gone.push_back(region.name);
        }
    }
    for (const auto& name : gone) {
        glue::share_region(name, -1);
    }
}

}  // namespace

void share_zones(const MainConf& conf, ngx_log_t& log)
{
    take_other_zones_away(conf);
    for (const auto& zone : conf.zones) {
        glue::share_region(std::string{prefix} + zone->name, zone->zone->fd());
    }
    say_zones(conf, log);
}

}  // namespace gatehouse::limit_feature
