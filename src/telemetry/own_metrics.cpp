#include "src/telemetry/own_metrics.h"

#include <algorithm>

namespace gatehouse::telemetry {

namespace {

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '\t': out += "\\t"; break;
        case '\n': out += "\\n"; break;
        case '\\': out += "\\\\"; break;
        default: out += c;
        }
    }
    return out;
}

std::string unescaped(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        out += c == 't' ? '\t' : c == 'n' ? '\n' : c;
    }
    return out;
}

/// Of all series, with each label's value as `change` makes it.
template <class Change>
SidecarMetrics with_labels(const SidecarMetrics& series, Change change)
{
    SidecarMetrics out;
    for (const auto& [metric, all] : series) {
        auto& changed = out[metric];
        for (const auto& [labels, value] : all) {
            SeriesLabels values;
            std::transform(labels.begin(), labels.end(), std::back_inserter(values), change);
            changed[std::move(values)] = value;
        }
    }
    return out;
}

std::string_view take(std::string_view& text, char end)
{
    const auto size = std::min(text.find(end), text.size());
    const auto part = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    return part;
}

}  // namespace

std::string own_metrics_text(const OwnMetrics& own)
{
    std::string text;
    for (const auto& metric : own.metrics) {
        text.append(metric.name).append("\t").append(type_name(metric.type)).append("\t");
        text.append(metric.labels).append("\t").append(escaped(metric.help)).append("\n");
    }
    return text + '\n' + sidecar_metrics_text(with_labels(own.series, escaped));
}

OwnMetrics parse_own_metrics(std::string_view text)
{
    OwnMetrics own;
    while (!text.empty()) {
        auto line = take(text, '\n');
        if (line.empty()) {
            break;
        }
        const auto name = take(line, '\t');
        const auto type = take(line, '\t');
        const auto labels = take(line, '\t');
        const bool known = type == "gauge" || type == "counter";
        if (!name.empty() && known) {
            own.metrics.push_back({std::string{name},
                                   type == "counter" ? MetricType::counter : MetricType::gauge,
                                   std::string{labels}, unescaped(line)});
        }
    }
    own.series = with_labels(parse_sidecar_metrics(text, Numbers::any), unescaped);
    return own;
}

void expose(Exposition& out, const OwnMetrics& own)
{
    for (const auto& metric : own.metrics) {
        expose(out, own.series, Metric{metric.name, metric.type, metric.labels, metric.help});
    }
}

std::string_view family_of(std::string_view name, MetricType type) noexcept
{
    constexpr std::string_view suffix = "_total";
    if (type == MetricType::counter && name.ends_with(suffix)) {
        name.remove_suffix(suffix.size());
    }
    return name;
}

}  // namespace gatehouse::telemetry
