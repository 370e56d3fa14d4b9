#include "sidecar/config/build_alerts.h"

#include "sidecar/config/read_value.h"

namespace gatehouse::config {

namespace {

void read_number(const Node* node, std::optional<double>& out)
{
    if (const auto number = number_of(node)) {
        out = number;
    }
}

void read_ca_file(const Node& node, const std::string& directory, std::string& out)
{
    read(find(&node, "ca_file"), out);
    if (!out.empty() && out.front() != '/') {
        out = directory + '/' + out;
    }
}

AlertRule rule(const Node& node)
{
    AlertRule out;
    out.name = node.name;
    read(find(&node, "on"), out.on);
    read(find(&node, "severity"), out.severity);
    read(find(&node, "summary"), out.summary);
    read(find(&node, "runbook"), out.runbook);
    read_duration(find(&node, "for"), out.pending);
    read_duration(find(&node, "keep_firing"), out.keep_firing);
    out.notify = strings_of(find(&node, "notify"));
    read(find(&node, "check"), out.check);
    read(find(&node, "state"), out.state);
    read(find(&node, "card"), out.card);
    read_duration(find(&node, "max_age"), out.max_age);
    out.days = number_of(find(&node, "days")).value_or(out.days);
    read(find(&node, "metric"), out.metric);
    out.labels = pairs_of(find(&node, "labels"));
    read_number(find(&node, "above"), out.above);
    read_number(find(&node, "below"), out.below);
    read(find(&node, "rate"), out.rate);
    out.route.clear();  // all together
    read(find(&node, "route"), out.route);
    read_duration(find(&node, "window"), out.window);
    read(find(&node, "min_requests"), out.min_requests);
    return out;
}

AlertReceiver receiver(const Node& node, const std::string& directory)
{
    AlertReceiver out;
    out.name = node.name;
    read(find(&node, "kind"), out.kind);
    read(find(&node, "url"), out.url);
    out.headers = pairs_of(find(&node, "headers"));
    read(find(&node, "secret"), out.secret);
    read(find(&node, "allow_private"), out.allow_private);
    read_ca_file(node, directory, out.ca_file);
    read(find(&node, "from"), out.from);
    read(find(&node, "username"), out.username);
    read(find(&node, "password"), out.password);
    out.to = strings_of(find(&node, "to"));
    out.command = strings_of(find(&node, "command"));
    read_duration(find(&node, "timeout"), out.timeout);
    read_duration(find(&node, "repeat"), out.repeat);
    read(find(&node, "resolved"), out.resolved);
    return out;
}

Heartbeat heartbeat(const Node* node, const std::string& directory)
{
    Heartbeat out;
    if (node == nullptr) {
        return out;
    }
    read(find(node, "url"), out.url);
    read_duration(find(node, "every"), out.every);
    read(find(node, "allow_private"), out.allow_private);
    read_ca_file(*node, directory, out.ca_file);
    return out;
}

}  // namespace

Alerts build_alerts(const Node* node, const std::string& directory)
{
    Alerts out;
    if (const Node* rules = find(node, "rules")) {
        for (const Node* each : rules->children) {
            out.rules[each->name] = rule(*each);
        }
    }
    if (const Node* receivers = find(node, "receivers")) {
        for (const Node* each : receivers->children) {
            out.receivers[each->name] = receiver(*each, directory);
        }
    }
    out.heartbeat = heartbeat(find(node, "heartbeat"), directory);
    read(find(node, "allow_exec"), out.allow_exec);
    return out;
}

}  // namespace gatehouse::config
