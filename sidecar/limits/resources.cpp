#include "sidecar/limits/resources.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "sidecar/base/json_writer.h"
#include "sidecar/base/log.h"
#include "sidecar/limits/parameters.h"
#include "sidecar/limits/zone_list.h"
#include "src/telemetry/masked_key.h"

namespace gatehouse::limits {

namespace {

using sidecar::Answer;
using sidecar::ApiRequest;
using sidecar::JsonWriter;
using Reply = std::function<void(Answer)>;

constexpr std::size_t usual_top = 20;
constexpr std::size_t most_top = 1000;

std::vector<Zone> zones_named(const Ports& ports, const std::string& name)
{
    auto zones = zones_of(ports.workers());
    std::erase_if(zones, [&](const Zone& zone) { return zone.description.name != name; });
    return zones;
}

Answer no_zone(const std::string& name)
{
    return {404, "no connected nginx has a limit zone \"" + name + "\""};
}

std::int64_t ms_of(Ticks ticks)
{
    return static_cast<std::int64_t>(whole_ms(ticks + ticks_per_ms - 1));
}

void write(JsonWriter& json, const WindowStanding& found)
{
    const auto& [named, standing] = found;
    json.open_object().member("window", named.window.name);
    if (named.burst) {
        json.member("burst", *named.burst);
    }
    json.member("limit", named.window.amount)
        .member("used", standing.used)
        .member("remaining", standing.remaining)
        .member("reset_ms", ms_of(standing.reset))
        .member("limited", standing.limited())
        .member("retry_after_ms", ms_of(standing.retry))
        .close_object();
}

/// What was said wrongly is the asker's fault; what was left unsaid need not be.
Answer no_windows(const Error& error, const PlanWords& said)
{
    return {said.is_empty() ? 409 : 400, error.message};
}

Answer show(const Ports& ports, const std::string& name, std::string_view query)
{
    const auto asked = key_query(query);
    if (!asked) {
        return {400, asked.error().message};
    }
    const auto zones = zones_named(ports, name);
    if (zones.empty()) {
        return no_zone(name);
    }
    JsonWriter json;
    json.open_object().member("zone", name).key("nginx").open_array();
    for (const auto& zone : zones) {
        const auto key = key_bytes(asked->key, asked->form, zone.description.key);
        if (!key) {
            return {400, key.error().message};
        }
        auto windows = windows_of(zone.description, asked->said);
        if (!windows) {
            return no_windows(windows.error(), asked->said);
        }
        const auto found = standings(zone, *key, std::move(*windows));
        if (!found) {
            return {409, found.error().message};
        }
        json.open_object();
        write_nginx(json, zone);
        json.key("windows").open_array();
        for (const auto& one : *found) {
            write(json, one);
        }
        json.close_array().close_object();
    }
    json.close_array().close_object();
    return {200, json.take()};
}

Answer freed(const std::string& zone, std::uint64_t cells)
{
    JsonWriter json;
    json.open_object().member("zone", zone).member("cells", cells).close_object();
    return {200, json.take()};
}

Answer reset_key(const std::vector<Zone>& zones, const KeyQuery& asked)
{
    const auto& name = zones.front().description.name;
    std::uint64_t cells = 0;
    for (const auto& zone : zones) {
        const auto key = key_bytes(asked.key, asked.form, zone.description.key);
        if (!key) {
            return {400, key.error().message};
        }
        const auto windows = windows_of(zone.description, asked.said);
        if (!windows) {
            return no_windows(windows.error(), asked.said);
        }
        const auto found = free_key(zone, *key, *windows);
        if (!found) {
            return {409, found.error().message};
        }
        cells += *found;
        // Masked: a log is kept longer, and read by more people, than the command line it is of.
        sidecar::log::info(
            "limit reset",
            {{"zone", name}, {"key", telemetry::key_label(*key, true)}, {"cells", *found}});
    }
    return freed(name, cells);
}

Answer reset_all(const std::vector<Zone>& zones)
{
    const auto& name = zones.front().description.name;
    std::uint64_t cells = 0;
    for (const auto& zone : zones) {
        const auto found = free_all(zone);
        if (!found) {
            return {409, found.error().message};
        }
        cells += *found;
    }
    sidecar::log::info("limit reset", {{"zone", name}, {"all", true}, {"cells", cells}});
    return freed(name, cells);
}

void reset(const Ports& ports, const std::string& name, std::string_view query, const Reply& reply)
{
    auto zones = zones_named(ports, name);
    if (zones.empty()) {
        return reply(no_zone(name));
    }
    if (parameter(query, "all") != "true") {
        const auto asked = key_query(query);
        return reply(asked ? reset_key(zones, *asked) : Answer{400, asked.error().message});
    }
    // A zone of a gigabyte has 64 million cells.
    const auto answer = std::make_shared<Answer>();
    ports.run([zones = std::move(zones), answer] { *answer = reset_all(zones); },
              [reply, answer] { reply(std::move(*answer)); });
}

Answer top(const Ports& ports, std::string_view query)
{
    const auto name = parameter(query, "zone");
    const auto most = number_parameter(query, "most");
    if (!most) {
        return {400, most.error().message};
    }
    const auto zones = name.empty() ? zones_of(ports.workers()) : zones_named(ports, name);
    if (!name.empty() && zones.empty()) {
        return no_zone(name);
    }
    return {200, top_keys_json(zones, std::min<std::size_t>(most->value_or(usual_top), most_top))};
}

}  // namespace

std::vector<sidecar::Resource> resources(Ports ports)
{
    const auto shared = std::make_shared<const Ports>(std::move(ports));
    return {
        {"GET", "/v1/limits", "", false,
         [shared](const ApiRequest&, const Reply& reply) {
             reply({200, list_json(zones_of(shared->workers()))});
         }},
        {"GET", "/v1/limits/", "/key", true,
         [shared](const ApiRequest& request, const Reply& reply) {
             reply(show(*shared, request.name, request.query));
         }},
        {"POST", "/v1/limits/", "/reset", true,
         [shared](const ApiRequest& request, const Reply& reply) {
             reset(*shared, request.name, request.query, reply);
         }},
        {"GET", "/v1/top-keys", "", false,
         [shared](const ApiRequest& request, const Reply& reply) {
             reply(top(*shared, request.query));
         }},
    };
}

}  // namespace gatehouse::limits
