#include "sidecar/audit/resources.h"

#include "sidecar/base/json_writer.h"

namespace gatehouse::audit_log {

namespace {

std::string json_of(const Agent& agent)
{
    const auto& settings = agent.settings();
    const auto& status = agent.status();
    sidecar::JsonWriter json;
    json.open_object()
        .member("on", settings.is_on())
        .member("file", settings.file)
        .member("syslog", settings.syslog)
        .member("keep", settings.keep)
        .member("key_file", settings.key.empty() ? settings.key_file : std::string{})
        .member("key", status.key_id)
        .member("seq", status.end.seq)
        .member("hmac", status.end.hmac)
        .member("written", status.written)
        .member("dropped", status.dropped)
        .member("bytes", status.size)
        .member("error", status.error)
        .close_object();
    return json.take();
}

}  // namespace

std::vector<sidecar::Resource> resources(const Agent& agent)
{
    return {{"GET", "/v1/audit", "", false, [&agent](const auto&, const auto& reply) {
                 reply({200, json_of(agent)});
             }}};
}

}  // namespace gatehouse::audit_log
