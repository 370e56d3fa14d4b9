#include "sidecar/config/dump_health.h"

#include "sidecar/config/dump_json.h"

namespace gatehouse::config {

using namespace as_json;

namespace {

Json maintenance(const std::vector<Maintenance>& windows)
{
    Json out(json_array());
    for (const auto& window : windows) {
        json_array_append_new(out.get(), Object()
                                             .set("cron", text(window.cron))
                                             .set("tz", text(window.tz))
                                             .set("for", duration(window.duration))
                                             .done()
                                             .release());
    }
    return out;
}

std::string status_text(const std::vector<std::pair<unsigned, unsigned>>& ranges)
{
    std::string out;
    for (const auto& [first, last] : ranges) {
        out += (out.empty() ? "" : ",") + std::to_string(first) +
               (last == first ? "" : '-' + std::to_string(last));
    }
    return out;
}

void add_http(const HttpCheck& http, Object& out)
{
    Object headers, json;
    for (const auto& [name, value] : http.headers) {
        headers.set(name, text(hidden));
    }
    for (const auto& [pointer, value] : http.json) {
        json.set(pointer, Json(json_loads(value.c_str(), JSON_DECODE_ANY, nullptr)));
    }
    out.set("url", text(http.url)).set("headers", headers.done());
    out.set("status", text(status_text(http.status)));
    out.set("expect_headers", pairs(http.expect_headers)).set("json", json.done());
    out.set_unless_empty("contains", http.contains).set_unless_empty("matches", http.matches);
    out.set_unless_empty("ca_file", http.ca_file);
}

void add_limits(const Check& check, Object& out)
{
    if (check.warn && check.fail) {
        out.set("warn", number(*check.warn)).set("fail", number(*check.fail));
    }
    if (check.warn_after) {
        out.set("warn_after", duration(*check.warn_after));
    }
    if (check.fail_after) {
        out.set("fail_after", duration(*check.fail_after));
    }
    if (check.max_age) {
        out.set("max_age", duration(*check.max_age));
    }
}

/// The dump is loaded again: only the keys of its own kind.
void add_own(const Check& check, Object& out)
{
    const auto& kind = check.kind;
    if (kind == "http") {
        add_http(check.http, out);
    }
    if (kind == "http" || kind == "tcp" || kind == "tls" || kind == "redis") {
        out.set("allow_private", std::optional(check.allow_private));
    }
    if (kind == "file") {
        out.set("min_size", size(check.min_size));
    } else if (kind == "directory") {
        out.set("files", list(check.files));
    } else if (kind == "card") {
        out.set("min_rows", integer(check.min_rows));
    } else if (kind == "edge") {
        out.set("min_workers", integer(check.min_workers));
    } else if (kind == "sqlite") {
        out.set("integrity", std::optional(check.integrity));
    } else if (kind == "exec") {
        out.set("command", list(check.command));
    }
}

}  // namespace

Json check_as_json(const Check& check)
{
    Object out;
    out.set("kind", text(check.kind)).set("severity", text(check.severity));
    out.set("interval", duration(check.interval)).set("timeout", duration(check.timeout));
    out.set("fails", integer(check.fails)).set("passes", integer(check.passes));
    out.set("grace", duration(check.grace)).set("depends_on", list(check.depends_on));
    out.set("maintenance", maintenance(check.maintenance));
    out.set_unless_empty("address", check.address).set_unless_empty("source", check.source);
    out.set_unless_empty("server_name", check.server_name);
    out.set_unless_empty("ca_file", check.ca_file);
    out.set_unless_empty("password", check.password.empty() ? "" : hidden);
    out.set_unless_empty("url", check.url.empty() ? "" : hidden);
    out.set_unless_empty("path", check.path).set_unless_empty("card", check.card);
    out.set_unless_empty("pid_file", check.pid_file).set_unless_empty("process", check.process);
    add_limits(check, out);
    add_own(check, out);
    return out.done();
}

Json health_as_json(const Health& health)
{
    Object profiles, out;
    for (const auto& [name, profile] : health.profiles) {
        profiles.set(name, Json(json_loads(profile.c_str(), 0, nullptr)));
    }
    out.set_unless_empty("app_version", health.app_version);
    out.set("workers", integer(health.workers)).set("down_after", duration(health.down_after));
    out.set("allow_exec", std::optional(health.allow_exec));
    return out.set("profiles", profiles.done()).done();
}

}  // namespace gatehouse::config
