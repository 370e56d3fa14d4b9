#include "sidecar/config/dump_reports.h"

#include "sidecar/config/dump_json.h"

namespace gatehouse::config {

using namespace as_json;

Json log_as_json(const Log& log)
{
    Object out;
    out.set("format", text(log.format)).set("level", text(log.level));
    if (log.file.empty()) {
        return out.done();
    }
    out.set("file", text(log.file)).set("mode", mode(log.mode));
    return out.set("rotate_size", size(log.rotate_size)).set("keep", integer(log.keep)).done();
}

Json sentry_as_json(const Sentry& sentry)
{
    Object out;
    out.set("dsn", text(sentry.dsn.empty() ? "" : hidden));
    out.set("environment", text(sentry.environment));
    out.set_unless_empty("release", sentry.release);
    out.set_unless_empty("server_name", sentry.server_name);
    out.set("sample_rate", number(sentry.sample_rate));
    out.set("allow_private", std::optional(sentry.allow_private));
    out.set_unless_empty("ca_file", sentry.ca_file);
    return out.set_unless_empty("nginx_error_log", sentry.nginx_error_log).done();
}

Json metrics_as_json(const std::vector<OwnMetric>& metrics)
{
    Json out(json_array());
    for (const auto& metric : metrics) {
        Object each;
        each.set("name", text(metric.name)).set("type", text(metric.type));
        each.set("help", text(metric.help)).set("from", text(metric.from));
        each.set("value", text(metric.value)).set("labels", list(metric.labels));
        each.set_unless_empty("where", metric.where);
        if (metric.every) {
            each.set("every", duration(*metric.every));
        }
        json_array_append_new(out.get(), each.done().release());
    }
    return out;
}

}  // namespace gatehouse::config
