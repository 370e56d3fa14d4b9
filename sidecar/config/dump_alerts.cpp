#include "sidecar/config/dump_alerts.h"

#include "sidecar/config/dump_json.h"

namespace gatehouse::config {

using namespace as_json;

namespace {

/// The dump is loaded again: only the keys of what the rule is on.
void add_own(const AlertRule& rule, Object& out)
{
    if (rule.on == "check" || rule.on == "certificate") {
        out.set("check", text(rule.check));
    }
    if (rule.on == "check") {
        out.set("state", text(rule.state));
    } else if (rule.on == "certificate") {
        out.set("days", number(rule.days));
    } else if (rule.on == "card") {
        out.set("card", text(rule.card));
        if (rule.max_age) {
            out.set("max_age", duration(*rule.max_age));
        }
        return;
    } else if (rule.on == "metric") {
        out.set("metric", text(rule.metric)).set("labels", pairs(rule.labels));
        out.set("rate", std::optional(rule.rate));
    } else {
        out.set_unless_empty("route", rule.route);
    }
    if (rule.above) {
        out.set("above", number(*rule.above));
    }
    if (rule.below) {
        out.set("below", number(*rule.below));
    }
    if (rule.on == "metric" || rule.on == "errors" || rule.on == "refusals") {
        out.set("window", duration(rule.window));
    }
    if (rule.on == "errors") {
        out.set("min_requests", integer(rule.min_requests));
    }
}

Json rule_as_json(const AlertRule& rule)
{
    Object out;
    out.set("on", text(rule.on)).set("severity", text(rule.severity));
    out.set("for", duration(rule.pending)).set("keep_firing", duration(rule.keep_firing));
    out.set_unless_empty("summary", rule.summary).set_unless_empty("runbook", rule.runbook);
    if (!rule.notify.empty()) {
        out.set("notify", list(rule.notify));
    }
    add_own(rule, out);
    return out.done();
}

void add_email(const AlertReceiver& receiver, Object& out)
{
    out.set("from", text(receiver.from)).set("to", list(receiver.to));
    out.set_unless_empty("username", receiver.username);
    out.set_unless_empty("password", receiver.password.empty() ? "" : hidden);
}

Json receiver_as_json(const AlertReceiver& receiver)
{
    Object out;
    out.set("kind", text(receiver.kind)).set("timeout", duration(receiver.timeout));
    out.set("repeat", duration(receiver.repeat)).set("resolved", std::optional(receiver.resolved));
    if (receiver.kind == "exec") {
        return out.set("command", list(receiver.command)).done();
    }
    out.set("allow_private", std::optional(receiver.allow_private));
    out.set_unless_empty("ca_file", receiver.ca_file);
    out.set("url", text(receiver.kind == "email" ? receiver.url : hidden));
    if (receiver.kind == "webhook") {
        Object headers;
        for (const auto& [name, value] : receiver.headers) {
            headers.set(name, text(hidden));
        }
        out.set("headers", headers.done());
        out.set_unless_empty("secret", receiver.secret.empty() ? "" : hidden);
    } else if (receiver.kind == "email") {
        add_email(receiver, out);
    }
    return out.done();
}

Json heartbeat_as_json(const Heartbeat& heartbeat)
{
    Object out;
    out.set("url", text(hidden)).set("every", duration(heartbeat.every));
    out.set("allow_private", std::optional(heartbeat.allow_private));
    return out.set_unless_empty("ca_file", heartbeat.ca_file).done();
}

}  // namespace

Json alerts_as_json(const Alerts& alerts)
{
    Object out;
    out.set("rules", named(alerts.rules, rule_as_json));
    out.set("receivers", named(alerts.receivers, receiver_as_json));
    if (!alerts.heartbeat.url.empty()) {
        out.set("heartbeat", heartbeat_as_json(alerts.heartbeat));
    }
    return out.set("allow_exec", std::optional(alerts.allow_exec)).done();
}

}  // namespace gatehouse::config
