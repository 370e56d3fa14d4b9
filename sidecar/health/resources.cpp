#include "sidecar/health/resources.h"

#include "sidecar/base/json_writer.h"
#include "sidecar/base/time_text.h"

namespace gatehouse::checks {

namespace {

void write_time(sidecar::JsonWriter& json, const char* key, std::int64_t unix_ms)
{
    json.key(key);
    if (unix_ms == 0) {
        json.null();
    } else {
        json.value(sidecar::utc_text(unix_ms));
    }
}

void write_check(sidecar::JsonWriter& json, const CheckReport& report)
{
    json.open_object();
    json.member("name", report.check.name).member("kind", report.check.kind);
    json.member("severity", report.check.severity);
    json.member("state", health::name_of(report.state)).member("excused", report.excused);
    json.member("message", report.message());
    json.key("value");
    if (report.last.value) {
        json.value(*report.last.value);
    } else {
        json.null();
    }
    json.member("unit", report.last.unit);
    json.member("latency_ms", static_cast<double>(report.last.duration.count()) / 1000);
    write_time(json, "since", report.since_ms);
    write_time(json, "checked_at", report.checked_at_ms);
    write_time(json, "last_ok", report.last_ok_ms);
    json.close_object();
}

std::string report_json(const Report& report)
{
    sidecar::JsonWriter json;
    json.open_object().member("state", health::name_of(report.state));
    json.member("message", report.message).key("checks").open_array();
    for (const auto& check : report.checks) {
        write_check(json, check);
    }
    return json.close_array().close_object().take();
}

}  // namespace

std::vector<sidecar::Resource> resources(Agent& agent)
{
    const auto run = [&agent](const auto& request, const auto& reply) {
        const bool known = agent.run_now(request.name, [&agent, reply] {
            reply({200, report_json(agent.report())});
        });
        if (!known) {
            reply({404, "there is no check \"" + request.name + '"'});
        }
    };
    return {{"GET", "/v1/health", "", false,
             [&agent](const auto&, const auto& reply) {
                 reply({200, report_json(agent.report())});
             }},
            {"POST", "/v1/health/run", "", false, run},
            {"POST", "/v1/health/", "/run", true, run}};
}

}  // namespace gatehouse::checks
