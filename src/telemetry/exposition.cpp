#include "src/telemetry/exposition.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/json_escape.h"

namespace gatehouse::telemetry {

namespace {

constexpr std::size_t usual_size = 16 << 10;

/// The bounds as labels: as client libraries write them in either text format.
constexpr std::array<std::string_view, bucket_count> bucket_labels[] = {
    {"0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1",
     "0.25", "0.5", "1", "2.5", "5", "10", "30", "60", "+Inf"},
    {"0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1",
     "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "60.0", "+Inf"},
};

const auto& labels_of(ExpositionFormat format) noexcept
{
    return bucket_labels[format == ExpositionFormat::openmetrics ? 1 : 0];
}

/// OpenMetrics names a counter's family without the suffix of its samples, and info likewise.
std::string_view family_name(const Metric& metric, ExpositionFormat format) noexcept
{
    auto name = metric.name;
    const std::string_view suffix = metric.type == MetricType::counter ? "_total" : "_info";
    if (format == ExpositionFormat::openmetrics && name.ends_with(suffix)) {
        name.remove_suffix(suffix.size());
    }
    return name;
}

std::string_view family_type(const Metric& metric, ExpositionFormat format) noexcept
{
    const bool info = format == ExpositionFormat::openmetrics && metric.name.ends_with("_info");
    return info ? "info" : type_name(metric.type);
}

/// As both text formats escape it; in OpenMetrics quotes, too.
std::string escaped_help(std::string_view help, ExpositionFormat format)
{
    std::string out;
    for (const char c : help) {
        if (c == '\\' || (c == '"' && format == ExpositionFormat::openmetrics)) {
            out += '\\';
        }
        out += c == '\n' ? "\\n" : std::string(1, c);
    }
    return out;
}

}  // namespace

void append_seconds(std::string& out, std::uint64_t ns)
{
    constexpr std::uint64_t second = 1'000'000'000;
    append_number(out, ns / second);
    char fraction[] = "000000000";
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, ns % second).ptr;
    std::copy(digits, end, fraction + 9 - (end - digits));
    out.append(".").append(fraction, 9);
}

void append_double(std::string& out, double number, ExpositionFormat format)
{
    if (std::isfinite(number)) {
        append_number(out, number);
    } else if (format == ExpositionFormat::json) {
        out += "null";
    } else {
        out += std::isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
    }
}

std::string_view type_name(MetricType type) noexcept
{
    switch (type) {
    case MetricType::counter: return "counter";
    case MetricType::gauge: return "gauge";
    case MetricType::histogram: return "histogram";
    }
    return "unknown";
}

std::string_view content_type(ExpositionFormat format) noexcept
{
    switch (format) {
    case ExpositionFormat::prometheus: return "text/plain; version=0.0.4; charset=utf-8";
    case ExpositionFormat::openmetrics:
        return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    case ExpositionFormat::json: return "application/json";
    }
    return {};
}

Exposition::Exposition(ExpositionFormat format, JsonNames names)
    : format_(format), names_(std::move(names))
{
    out_.reserve(usual_size);
}

void Exposition::begin(const Metric& metric)
{
    metric_ = &metric;
    family_is_open_ = false;
}

void Exposition::open_family()
{
    const auto name = family_name(*metric_, format_);
    out_.append("# HELP ").append(name).append(" ");
    out_.append(escaped_help(metric_->help, format_));
    out_.append("\n# TYPE ").append(name).append(" ");
    out_.append(family_type(*metric_, format_)).append("\n");
    family_is_open_ = true;
}

void Exposition::append_escaped(std::string_view text)
{
    // JSON's escapes of what is not printable would be wrong here, but they keep it valid UTF-8.
    const auto start = out_.size();
    append_json_string(out_, text);
    if (out_.size() - start == text.size() + 2) {
        return;  // nothing needed one
    }
    std::string clean;
    append_json_string(clean, text);
    out_.resize(start);
    out_ += '"';
    for (std::size_t i = 1; i + 1 < clean.size(); ++i) {
        // Of JSON's escapes these formats know \\, \" and \n.
        const bool is_foreign =
            clean[i] == '\\' && clean[i + 1] != '\\' && clean[i + 1] != '"' && clean[i + 1] != 'n';
        out_ += is_foreign ? '?' : clean[i];
        if (clean[i] == '\\' && !is_foreign) {
            out_ += clean[++i];
        } else if (is_foreign) {
            i += clean[i + 1] == 'u' ? 5 : 1;
        }
    }
    out_ += '"';
}

void Exposition::append_labels(Labels labels)
{
    bool first = true;
    for (const auto& [name, value] : labels) {
        if (!std::exchange(first, false)) {
            out_ += ',';
        }
        out_.append(name).append("=");
        append_escaped(value);
    }
}

void Exposition::begin_sample(Labels labels)
{
    if (!family_is_open_) {
        open_family();
    }
    out_.append(metric_->name);
    if (labels.size() != 0) {
        out_ += '{';
        append_labels(labels);
        out_ += '}';
    }
    out_ += ' ';
}

template <class Append>
void Exposition::append_sample(Labels labels, Append append)
{
    if (format_ == ExpositionFormat::json) {
        begin_json_member(labels);
        append(json_section());
        return;
    }
    begin_sample(labels);
    append(out_);
    out_ += '\n';
}

void Exposition::sample(Labels labels, std::uint64_t value)
{
    append_sample(labels, [&](std::string& out) { append_number(out, value); });
}

void Exposition::sample(Labels labels, std::int64_t value)
{
    append_sample(labels, [&](std::string& out) { append_number(out, value); });
}

void Exposition::sample(Labels labels, double value)
{
    append_sample(labels, [&](std::string& out) { append_double(out, value, format_); });
}

void Exposition::sample(Labels labels, const HistogramTotal& histogram)
{
    if (format_ == ExpositionFormat::json) {
        append_histogram_json(labels, histogram);
    } else {
        append_histogram_text(labels, histogram);
    }
}

void Exposition::append_histogram_text(Labels labels, const HistogramTotal& histogram)
{
    if (!family_is_open_) {
        open_family();
    }
    const auto begin = out_.size();
    out_.append(metric_->name).append("_bucket{");
    const auto labels_begin = out_.size();
    append_labels(labels);
    const auto labels_end = out_.size();
    out_.append(labels_begin == labels_end ? "le=\"" : ",le=\"");
    // The front of every line is the same: once composed, it is copied.
    const std::string front = out_.substr(begin);
    const std::string set = labels_begin == labels_end
                                ? " "
                                : "{" + out_.substr(labels_begin, labels_end - labels_begin) + "} ";
    out_.resize(begin);
    std::uint64_t count = 0;
    for (unsigned i = 0; i < bucket_count; ++i) {
        count += histogram.buckets[i];
        out_.append(front).append(labels_of(format_)[i]).append("\"} ");
        append_number(out_, count);
        out_ += '\n';
    }
    out_.append(metric_->name).append("_sum").append(set);
    append_seconds(out_, histogram.sum_ns);
    out_.append("\n").append(metric_->name).append("_count").append(set);
    append_number(out_, count);
    out_ += '\n';
}

std::string Exposition::finish()
{
    if (format_ == ExpositionFormat::json) {
        return finish_json();
    }
    if (format_ == ExpositionFormat::openmetrics) {
        out_.append("# EOF\n");
    }
    return std::move(out_);
}

}  // namespace gatehouse::telemetry
