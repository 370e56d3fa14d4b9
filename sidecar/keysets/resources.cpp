#include "sidecar/keysets/resources.h"

#include <utility>

#include "sidecar/base/json_writer.h"
#include "sidecar/base/time_text.h"

namespace gatehouse::sidecar {

namespace {

void write_members(JsonWriter& json, const KeysetReport& report)
{
    json.member("name", report.name).member("keys", report.keys).key("fetched_at");
    if (report.fetched_at_ms == 0) {
        json.null();
    } else {
        json.value(utc_text(report.fetched_at_ms));
    }
    if (!report.error.empty()) {
        json.member("error", report.error);
    }
}

Answer list(const KeysetAgent* agent)
{
    JsonWriter json;
    json.open_object().key("keysets").open_array();
    if (agent != nullptr) {
        for (const auto& report : agent->report()) {
            json.open_object();
            write_members(json, report);
            json.close_object();
        }
    }
    json.close_array().close_object();
    return {200, json.take()};
}

Answer show(const KeysetAgent* agent, const std::string& name)
{
    const auto reports = agent != nullptr ? agent->report() : std::vector<KeysetReport>{};
    for (const auto& report : reports) {
        if (report.name != name) {
            continue;
        }
        JsonWriter json;
        json.open_object();
        write_members(json, report);
        json.key("set");
        if (const auto keys = agent->held(name); keys.empty()) {
            json.null();
        } else {
            json.raw(keys);
        }
        json.close_object();
        return {200, json.take()};
    }
    return {404, "there is no key set \"" + name + "\" in \"identity\": {\"jwks\": …}"};
}

}  // namespace

std::vector<Resource> keyset_resources(std::function<const KeysetAgent*()> agent)
{
    return {
        {"GET", "/v1/keysets", "", false,
         [agent](const ApiRequest&, const auto& reply) { reply(list(agent())); }},
        {"GET", "/v1/keysets/", "", true, [agent](const ApiRequest& request, const auto& reply) {
             reply(show(agent(), request.name));
         }}};
}

}  // namespace gatehouse::sidecar
