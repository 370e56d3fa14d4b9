#include "sidecar/config/check_reports.h"

#include <algorithm>
#include <map>
#include <string>

#include "sidecar/base/pattern.h"
#include "sidecar/base/suggest.h"
#include "sidecar/base/units.h"
#include "sidecar/config/dump_json.h"
#include "sidecar/config/schema.h"
#include "src/telemetry/own_metrics.h"

namespace gatehouse::config {

namespace {

constexpr Milliseconds shortest_interval{1000};

void check_log(const Node& root, const Config& config, Diagnostics& out)
{
    const Node* file = find(find(&root, "log"), "file");
    if (file != nullptr && !config.log.file.empty() && config.log.file == config.audit.file) {
        error(out, *file, At::value,
              "\"file\": " + in_quotes(config.log.file) +
                  " is the file of \"audit\" too: each log has a file of its own");
    }
}

/// The DSN's own rules; sidecar/sentry takes it apart.
void check_sentry(const Node& root, const Sentry& sentry, Diagnostics& out)
{
    const Node* dsn = find(find(&root, "sentry"), "dsn");
    if (dsn == nullptr || sentry.dsn.empty() || sentry.dsn == as_json::hidden) {
        return;  // a dump is a configuration, without its secrets
    }
    if (!sidecar::matches(
            "^https?://[^/@:?#\\s,=]+(:[^/@?#\\s,]*)?@[^/@?#\\s]+(/[^?#\\s]*)?/[0-9A-Za-z_-]+$",
            sentry.dsn)) {
        error(out, *dsn, At::value,
              "\"dsn\" is no DSN: it must be https://KEY@HOST/PROJECT, as the settings of the "
              "project in Sentry show it");
    } else if (!sentry.dsn.starts_with("https://") && !sentry.allow_private) {
        error(out, *dsn, At::value,
              "errors that go by http:// may be read by anybody: use https://, or say "
              "\"allow_private\": true for a server on this machine or in a network of your own");
    }
}

std::vector<std::string> relations_of(const Config& config)
{
    std::vector<std::string> names;
    for (const auto& [name, source] : config.sources) {
        names.push_back(name);
    }
    for (const auto& [name, card] : config.cards) {
        names.push_back(name);
    }
    return names;
}

/// Whether Prometheus or OpenMetrics would take the name for that of a metric of ours.
bool is_built_in(std::string_view name, std::string_view family)
{
    return std::any_of(
        std::begin(telemetry::all_metrics), std::end(telemetry::all_metrics),
        [&](const telemetry::Metric* metric) {
            const bool part = metric->type == telemetry::MetricType::histogram &&
                              name.starts_with(metric->name) && name.size() > metric->name.size() &&
                              name[metric->name.size()] == '_';
            return part || telemetry::family_of(metric->name, metric->type) == family;
        });
}

class MetricChecker {
public:
    MetricChecker(const Node& list, const Config& config, Diagnostics& out)
        : list_(list), config_(config), out_(out)
    {
    }

    void run()
    {
        for (std::size_t i = 0; i < config_.metrics.size() && !out_.full(); ++i) {
            node_ = list_.children[i];
            if (node_->is_object() && find(node_, "name") != nullptr) {
                check_name(config_.metrics[i]);
                check_labels(config_.metrics[i]);
                check_from(config_.metrics[i]);
                check_every(config_.metrics[i]);
            }
        }
    }

private:
    void complain(const char* key, const std::string& message, const std::string& hint = {})
    {
        const Node* value = find(node_, key);
        error(out_, value != nullptr ? *value : *node_, At::value, message, hint);
    }

    void check_name(const OwnMetric& metric)
    {
        const bool counter = metric.type == "counter";
        const auto& name = metric.name;
        const std::string family{telemetry::family_of(
            name, counter ? telemetry::MetricType::counter : telemetry::MetricType::gauge)};
        const auto [at, is_new] = families_.emplace(family, node_);
        if (name.starts_with("gatehouse_") || name.starts_with("process_") ||
            is_built_in(name, family)) {
            complain("name", "\"name\": " + in_quotes(name) + " is kept for a metric of Gatehouse");
        } else if (!is_new) {
            complain("name", "\"name\": " + in_quotes(name) + " is the name of the metric at " +
                                 place_of(*at->second) + ", too");
        } else if (counter && !name.ends_with("_total")) {
            complain("name", "\"name\": a counter's name ends with \"_total\"",
                     "did you mean " + in_quotes(name + "_total") + '?');
        } else if (name.ends_with("_info") || name.ends_with("_created")) {
            complain("name",
                     "\"name\": OpenMetrics keeps names that end with \"_info\" or "
                     "\"_created\" for something else");
        } else if (!counter) {
            warn_of_suffix(name);
        }
    }

    void warn_of_suffix(const std::string& name)
    {
        for (const char* suffix : {"_total", "_count", "_sum", "_bucket"}) {
            if (name.ends_with(suffix)) {
                warning(out_, *find(node_, "name"), At::value,
                        "\"name\": " + in_quotes(suffix) +
                            " is not for gauges: `promtool check metrics` complains of it");
            }
        }
    }

    void check_labels(const OwnMetric& metric)
    {
        for (const auto& label : metric.labels) {
            if (label == "le" || label == "quantile" || label.starts_with("__")) {
                complain("labels",
                         "\"labels\": Prometheus keeps " + in_quotes(label) + " for itself");
            }
        }
    }

    void check_from(const OwnMetric& metric)
    {
        const auto name = metric.from.substr(0, metric.from.find('.'));
        const auto source = config_.sources.find(name);
        const auto card = config_.cards.find(name);
        if (source == config_.sources.end() && card == config_.cards.end()) {
            const auto near = sidecar::did_you_mean(name, relations_of(config_));
            complain("from", "\"from\": no source or card named " + in_quotes(name),
                     near ? "did you mean " + in_quotes(*near) + '?' : "");
        } else if (source == config_.sources.end() &&
                   (card->second.on_demand() || metric.from != name)) {
            complain("from", "\"from\": card " + in_quotes(name) +
                                 (metric.from != name ? " has no tables"
                                                      : " is computed when somebody asks"));
        } else if (source != config_.sources.end() && source->second.kind == "postgres" &&
                   source->second.database.notify.empty() && !metric.every) {
            complain("from", "nothing tells of changes in source " + in_quotes(name) +
                                 ": give the source a \"notify\" channel, or the metric an "
                                 "\"every\" such as \"1m\"");
        }
    }

    void check_every(const OwnMetric& metric)
    {
        if (metric.every && *metric.every < shortest_interval) {
            complain("every",
                     "\"every\" must be at least " + sidecar::format_duration(shortest_interval));
        }
    }

    const Node& list_;
    const Config& config_;
    Diagnostics& out_;
    const Node* node_ = nullptr;  ///< of the metric that is looked at
    std::map<std::string, const Node*> families_;
};

}  // namespace

void check_reports(const Node& root, const Config& config, Diagnostics& out)
{
    check_log(root, config, out);
    check_sentry(root, config.sentry, out);
    const Node* metrics = find(&root, "metrics");
    if (metrics != nullptr && metrics->is_array()) {
        MetricChecker{*metrics, config, out}.run();
    }
}

}  // namespace gatehouse::config
