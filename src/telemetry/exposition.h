// Metrics as text: Prometheus 0.0.4, OpenMetrics 1.0.0, or JSON.
//
//     {"counters": {"requests_total{method=GET,status=200}": 3, …}, "gauges": {…},
//      "histograms": {"took_seconds{endpoint=/}":
//          {"count": 3, "sum": 0.9, "min": 0.1, "max": 0.5, "avg": 0.3}, …}, "error_rate": 0.01, …}
//
// A family is begun, then its samples are written, then the next one is begun: so families are
// contiguous, and HELP and TYPE come once and first. A family without samples leaves nothing.
//
// Thread safety: none; one owner.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "src/telemetry/families.h"
#include "src/telemetry/reader.h"

namespace gatehouse::telemetry {

enum class ExpositionFormat { prometheus, openmetrics, json };
inline constexpr std::size_t exposition_formats = 3;

std::string_view type_name(MetricType type) noexcept;

std::string_view content_type(ExpositionFormat format) noexcept;

using Label = std::pair<std::string_view, std::string_view>;  ///< name, value

/// The labels of one sample. A view only: to be passed on, not kept.
class Labels {
public:
    Labels(std::initializer_list<Label> labels) : labels_(labels.begin(), labels.size()) {}
    explicit Labels(std::span<const Label> labels) : labels_(labels) {}

    auto begin() const noexcept { return labels_.begin(); }
    auto end() const noexcept { return labels_.end(); }
    std::size_t size() const noexcept { return labels_.size(); }

private:
    std::span<const Label> labels_;
};

/// How JSON calls the histogram of requests' durations: "NAME{LABEL=endpoint}".
struct JsonNames {
    std::string histogram{metrics::http_request_duration.name};
    std::string label = "endpoint";
};

class Exposition {
public:
    explicit Exposition(ExpositionFormat format, JsonNames names = {});

    /// REQUIRES: `metric` lives until the next one is begun.
    void begin(const Metric& metric);

    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, std::int64_t value);
    void sample(Labels labels, double value);  ///< not finite: "NaN", "+Inf", "-Inf"; JSON: null

    /// Buckets become cumulative; the last one equals the count.
    void sample(Labels labels, const HistogramTotal& histogram);

    /// Of JSON alone: one counter more, one figure beside counters, gauges and histograms.
    void json_counter(std::string_view name, std::uint64_t value);
    void json_figure(std::string_view name, double value);

    /// The whole text. REQUIRES: nothing is called afterwards.
    std::string finish();

private:
    void open_family();
    void begin_sample(Labels labels);
    template <class Append>
    void append_sample(Labels labels, Append append);
    void append_labels(Labels labels);
    void append_escaped(std::string_view text);
    void append_histogram_text(Labels labels, const HistogramTotal& histogram);
    void append_histogram_json(Labels labels, const HistogramTotal& histogram);

    std::string& json_section();
    void begin_json_member(Labels labels);
    std::string finish_json() const;

    ExpositionFormat format_;
    JsonNames names_;
    std::string out_;  ///< of JSON: the figures
    std::string counters_, gauges_, histograms_;
    const Metric* metric_ = nullptr;
    bool family_is_open_ = false;  ///< it has a sample
};

// --- how numbers are written ---

template <class Number>
void append_number(std::string& out, Number number)
{
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

/// Nanoseconds as seconds with all their digits: no sum is rounded away.
void append_seconds(std::string& out, std::uint64_t ns);

void append_double(std::string& out, double number, ExpositionFormat format);

/// Writes what the region holds: requests, decisions, limits, caps, cards served.
void expose_region(Exposition& out, const Reader& reader);

}  // namespace gatehouse::telemetry
