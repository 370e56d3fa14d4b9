// Metrics as text: Prometheus 0.0.4, OpenMetrics 1.0.0, or JSON.
//
// A family is begun, then its samples are written, then the next one is begun: so families are
// contiguous, and HELP and TYPE come once and first. A family without samples leaves nothing.
//
// Thread safety: none; one owner.
#pragma once

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

class Exposition {
public:
    explicit Exposition(ExpositionFormat format);

    void begin(const Metric& metric);

    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, std::int64_t value);
    void sample(Labels labels, double value);  ///< REQUIRES: finite

    /// Buckets become cumulative; the last one equals the count.
    void sample(Labels labels, const HistogramTotal& histogram);

    /// The whole text. REQUIRES: nothing is called afterwards.
    std::string finish();

private:
    void open_family();
    void begin_sample(Labels labels);
    void end_sample();
    void append_labels(Labels labels);
    void append_escaped(std::string_view text);
    void append_histogram_text(Labels labels, const HistogramTotal& histogram);
    void append_histogram_json(Labels labels, const HistogramTotal& histogram);

    ExpositionFormat format_;
    std::string out_;
    const Metric* metric_ = nullptr;
    bool family_is_open_ = false;  ///< it has a sample
    bool any_family_ = false;
};

/// Writes what the region holds: requests, decisions, limits, caps, cards served.
void expose_region(Exposition& out, const Reader& reader);

}  // namespace gatehouse::telemetry
