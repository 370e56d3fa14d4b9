#include "src/telemetry/sidecar_metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace gatehouse::telemetry {

namespace {

bool fits_a_line(std::string_view text) noexcept
{
    return text.find_first_of("\t\n") == std::string_view::npos;
}

/// What stands before `end`, which is taken away with it.
std::string_view take(std::string_view& text, char end)
{
    const auto size = std::min(text.find(end), text.size());
    const auto part = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    return part;
}

void append_number(std::string& text, double number)
{
    char digits[32];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

bool is_number(std::string_view text, Numbers numbers, double& number)
{
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return parsed.ec == std::errc{} && parsed.ptr == end &&
           (numbers == Numbers::any || std::isfinite(number));
}

std::vector<std::string_view> split(std::string_view text, char by)
{
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        parts.push_back(take(text, by));
    }
    return parts;
}

/// Whole numbers without an exponent, as counters are read.
void sample(Exposition& out, Labels labels, double value)
{
    constexpr double exact = 1LL << 53;
    if (value == std::floor(value) && std::abs(value) < exact) {
        out.sample(labels, static_cast<std::int64_t>(value));
    } else {
        out.sample(labels, value);
    }
}

}  // namespace

void add_series(SidecarMetrics& to, const Metric& metric, SeriesLabels labels, double value)
{
    if (std::all_of(labels.begin(), labels.end(), fits_a_line)) {
        to[std::string{metric.name}][std::move(labels)] = value;
    }
}

std::string sidecar_metrics_text(const SidecarMetrics& metrics)
{
    std::string text;
    for (const auto& [metric, series] : metrics) {
        for (const auto& [labels, value] : series) {
            text.append(metric).append("\t");
            for (const auto& label : labels) {
                text.append(label).append("\t");
            }
            append_number(text, value);
            text.append("\n");
        }
    }
    return text;
}

SidecarMetrics parse_sidecar_metrics(std::string_view text, Numbers numbers)
{
    SidecarMetrics metrics;
    while (!text.empty()) {
        auto line = take(text, '\n');
        const auto metric = take(line, '\t');
        SeriesLabels labels;
        while (line.find('\t') != std::string_view::npos) {
            labels.emplace_back(take(line, '\t'));
        }
        double value = 0;
        if (!metric.empty() && is_number(line, numbers, value)) {
            metrics[std::string{metric}][std::move(labels)] = value;
        }
    }
    return metrics;
}

void expose(Exposition& out, const SidecarMetrics& metrics, const Metric& metric)
{
    out.begin(metric);
    const auto found = metrics.find(metric.name);
    if (found == metrics.end()) {
        return;
    }
    const auto names = split(metric.labels, ',');
    for (const auto& [values, value] : found->second) {
        if (values.size() != names.size()) {
            continue;
        }
        std::vector<Label> labels;
        for (std::size_t i = 0; i < names.size(); ++i) {
            labels.emplace_back(names[i], values[i]);
        }
        sample(out, Labels{labels}, value);
    }
}

}  // namespace gatehouse::telemetry
