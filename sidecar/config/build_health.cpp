#include "sidecar/config/build_health.h"

#include <charconv>

#include "sidecar/config/read_value.h"

namespace gatehouse::config {

namespace {

void read_number(const Node* node, std::optional<double>& out)
{
    if (const auto number = number_of(node)) {
        out = number;
    }
}

void read_limits(const Node& node, double warn, double fail, Check& out)
{
    out.warn = warn;
    out.fail = fail;
    read_number(find(&node, "warn"), out.warn);
    read_number(find(&node, "fail"), out.fail);
}

/// Values as compact JSON text: what the answer must have there.
std::vector<std::pair<std::string, std::string>> expected_json(const Node* node)
{
    std::vector<std::pair<std::string, std::string>> out;
    if (node == nullptr || !node->is_object()) {
        return out;
    }
    for (const Node* member : node->children) {
        const Json value = json_of(*member);
        const std::unique_ptr<char, decltype(&free)> text(
            json_dumps(value.get(), JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS), &free);
        out.emplace_back(member->name, text ? text.get() : "null");
    }
    return out;
}

HttpCheck http_check(const Node& node, const std::string& directory)
{
    HttpCheck out;
    std::string status = "200-299";
    read(find(&node, "url"), out.url);
    out.headers = pairs_of(find(&node, "headers"));
    read(find(&node, "status"), status);
    out.status = status_ranges(status);
    out.expect_headers = pairs_of(find(&node, "expect_headers"));
    read(find(&node, "contains"), out.contains);
    read(find(&node, "matches"), out.matches);
    out.json = expected_json(find(&node, "json"));
    read_path(find(&node, "ca_file"), directory, out.ca_file);
    return out;
}

std::vector<Maintenance> maintenance(const Node* node)
{
    std::vector<Maintenance> out;
    for (const Node* window : node != nullptr ? node->children : decltype(node->children){}) {
        Maintenance& each = out.emplace_back();
        read(find(window, "cron"), each.cron);
        read(find(window, "tz"), each.tz);
        read_duration(find(window, "for"), each.duration);
    }
    return out;
}

void read_common(const Node& node, Check& out)
{
    read(find(&node, "severity"), out.severity);
    if (out.severity == "critical") {
        out.interval = std::chrono::seconds{10};
    }
    read_duration(find(&node, "interval"), out.interval);
    read_duration(find(&node, "timeout"), out.timeout);
    read(find(&node, "fails"), out.fails);
    read(find(&node, "passes"), out.passes);
    read_duration(find(&node, "grace"), out.grace);
    read(find(&node, "depends_on"), out.depends_on);
    out.maintenance = maintenance(find(&node, "maintenance"));
    read_duration(find(&node, "warn_after"), out.warn_after);
    read_duration(find(&node, "fail_after"), out.fail_after);
}

}  // namespace

std::vector<std::pair<unsigned, unsigned>> status_ranges(const std::string& text)
{
    std::vector<std::pair<unsigned, unsigned>> out;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        unsigned first = 0;
        const auto [stopped, error] = std::from_chars(at, end, first);
        if (error != std::errc{}) {
            ++at;
            continue;
        }
        unsigned last = first;
        at = stopped;
        if (at < end && *at == '-') {
            at = std::from_chars(at + 1, end, last).ptr;
        }
        out.emplace_back(first, last);
    }
    return out;
}

Check build_check(const Node& node, const std::string& directory)
{
    Check out;
    out.name = node.name;
    read(find(&node, "kind"), out.kind);
    read_common(node, out);
    if (out.kind == "http") {
        out.http = http_check(node, directory);
    } else if (out.kind == "tls") {
        read_limits(node, 14, 1, out);
    } else if (out.kind == "disk" || out.kind == "memory" || out.kind == "cpu") {
        read_limits(node, 80, 95, out);
    }
    out.path = out.kind == "disk" ? "/" : "";
    read(find(&node, "address"), out.address);
    read(find(&node, "allow_private"), out.allow_private);
    read(find(&node, "server_name"), out.server_name);
    read_path(find(&node, "ca_file"), directory, out.ca_file);
    read(find(&node, "password"), out.password);
    read(find(&node, "source"), out.source);
    if (out.kind == "postgres") {
        read(find(&node, "url"), out.url);
    }
    read_path(find(&node, "path"), directory, out.path);
    read(find(&node, "files"), out.files);
    read_duration(find(&node, "max_age"), out.max_age);
    read_size(find(&node, "min_size"), out.min_size);
    read(find(&node, "min_rows"), out.min_rows);
    read(find(&node, "card"), out.card);
    read_path(find(&node, "pid_file"), directory, out.pid_file);
    read(find(&node, "process"), out.process);
    read(find(&node, "min_workers"), out.min_workers);
    read(find(&node, "integrity"), out.integrity);
    read(find(&node, "command"), out.command);
    return out;
}

Health build_health(const Node* node)
{
    Health out;
    read(find(node, "app_version"), out.app_version);
    read(find(node, "workers"), out.workers);
    read_duration(find(node, "down_after"), out.down_after);
    read(find(node, "allow_exec"), out.allow_exec);
    const Node* profiles = find(node, "profiles");
    for (const Node* profile :
         profiles != nullptr ? profiles->children : decltype(profiles->children){}) {
        const Json value = json_of(*profile);
        const std::unique_ptr<char, decltype(&free)> text(json_dumps(value.get(), JSON_COMPACT),
                                                          &free);
        out.profiles[profile->name] = text ? text.get() : "{}";
    }
    return out;
}

}  // namespace gatehouse::config
