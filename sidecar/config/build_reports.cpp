#include "sidecar/config/build_reports.h"

#include <algorithm>
#include <cctype>

#include "sidecar/config/read_value.h"

namespace gatehouse::config {

Log build_log(const Node* node, const std::string& directory)
{
    Log out;
    read(find(node, "format"), out.format);
    read(find(node, "level"), out.level);
    std::transform(out.level.begin(), out.level.end(), out.level.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    read_path(find(node, "file"), directory, out.file);
    read_mode(find(node, "mode"), out.mode);
    read_size(find(node, "rotate_size"), out.rotate_size);
    read(find(node, "keep"), out.keep);
    return out;
}

Sentry build_sentry(const Node* node, const std::string& directory)
{
    Sentry out;
    read(find(node, "dsn"), out.dsn);
    read(find(node, "environment"), out.environment);
    read(find(node, "release"), out.release);
    read(find(node, "server_name"), out.server_name);
    out.sample_rate = number_of(find(node, "sample_rate")).value_or(out.sample_rate);
    read(find(node, "allow_private"), out.allow_private);
    read_path(find(node, "ca_file"), directory, out.ca_file);
    read_path(find(node, "nginx_error_log"), directory, out.nginx_error_log);
    return out;
}

std::vector<OwnMetric> build_metrics(const Node* node)
{
    std::vector<OwnMetric> out;
    for (const Node* metric : node != nullptr ? node->children : decltype(node->children){}) {
        OwnMetric& each = out.emplace_back();
        read(find(metric, "name"), each.name);
        read(find(metric, "type"), each.type);
        read(find(metric, "from"), each.from);
        read(find(metric, "value"), each.value);
        each.help = each.value + " of " + each.from;
        read(find(metric, "help"), each.help);
        read(find(metric, "labels"), each.labels);
        read(find(metric, "where"), each.where);
        read_duration(find(metric, "every"), each.every);
        each.origin = origin_of(*metric);
    }
    return out;
}

}  // namespace gatehouse::config
