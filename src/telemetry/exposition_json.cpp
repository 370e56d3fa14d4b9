// The JSON form: names with their labels as keys, by type.
#include "src/base/json_escape.h"
#include "src/telemetry/exposition.h"

namespace gatehouse::telemetry {

namespace {

void begin_member(std::string& to, std::string_view key)
{
    to.append(to.empty() ? "\n" : ",\n");
    append_json_string(to, key);
    to += ':';
}

std::string key_of(std::string_view name, Labels labels)
{
    std::string key{name};
    for (const auto& [label, value] : labels) {
        key.append(key.size() == name.size() ? "{" : ",").append(label).append("=").append(value);
    }
    return labels.size() == 0 ? key : key + '}';
}

void append_duration(std::string& to, std::string_view name, std::uint64_t ns, bool any)
{
    to.append(",\"").append(name).append("\":");
    if (any) {
        append_seconds(to, ns);
    } else {
        to += "null";
    }
}

}  // namespace

std::string& Exposition::json_section()
{
    switch (metric_->type) {
    case MetricType::counter: return counters_;
    case MetricType::gauge: return gauges_;
    case MetricType::histogram: break;
    }
    return histograms_;
}

void Exposition::begin_json_member(Labels labels)
{
    begin_member(json_section(), key_of(metric_->name, labels));
}

void Exposition::append_histogram_json(Labels labels, const HistogramTotal& histogram)
{
    std::uint64_t count = 0;
    for (const auto bucket : histogram.buckets) {
        count += bucket;
    }
    if (metric_->name == metrics::http_request_duration.name && labels.size() == 1) {
        begin_member(histograms_,
                     key_of(names_.histogram, {{names_.label, labels.begin()->second}}));
    } else {
        begin_json_member(labels);
    }
    histograms_ += "{\"count\":";
    append_number(histograms_, count);
    histograms_ += ",\"sum\":";
    append_seconds(histograms_, histogram.sum_ns);
    append_duration(histograms_, "min", histogram.min_ns, count != 0);
    append_duration(histograms_, "max", histogram.max_ns, count != 0);
    append_duration(histograms_, "avg", count != 0 ? histogram.sum_ns / count : 0, count != 0);
    histograms_ += '}';
}

void Exposition::json_counter(std::string_view name, std::uint64_t value)
{
    if (format_ == ExpositionFormat::json) {
        begin_member(counters_, name);
        append_number(counters_, value);
    }
}

void Exposition::json_figure(std::string_view name, double value)
{
    if (format_ == ExpositionFormat::json) {
        out_.append(",\n");
        append_json_string(out_, name);
        out_ += ':';
        append_double(out_, value, format_);
    }
}

std::string Exposition::finish_json() const
{
    return "{\n\"counters\":{" + counters_ + "\n},\n\"gauges\":{" + gauges_ +
           "\n},\n\"histograms\":{" + histograms_ + "\n}" + out_ + "\n}\n";
}

}  // namespace gatehouse::telemetry
