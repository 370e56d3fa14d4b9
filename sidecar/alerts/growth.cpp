#include "sidecar/alerts/growth.h"

#include <algorithm>

namespace gatehouse::alerts {

namespace {

constexpr std::int64_t samples_of_a_span = 30;
constexpr std::int64_t tick_ms = 1000;

double value_in(const Series& series, const std::string& metric,
                const telemetry::SeriesLabels& labels)
{
    const auto found = series.find(metric);
    if (found == series.end()) {
        return 0;
    }
    const auto value = found->second.find(labels);
    return value == found->second.end() ? 0 : value->second;
}

}  // namespace

Series sum_of(const std::vector<Counted>& counted)
{
    Series sum;
    for (const auto& one : counted) {
        for (const auto& [metric, values] : one.series) {
            auto& total = sum[metric];
            for (const auto& [labels, value] : values) {
                total[labels] += value;
            }
        }
    }
    return sum;
}

void Growth::take(const std::vector<Counted>& counted, std::int64_t watching_ms)
{
    for (const auto& [origin, series] : counted) {
        const auto [last, is_new] = last_.try_emplace(origin);
        if (is_new && origin != 0 && origin < watching_ms) {
            last->second = series;
        }
        for (const auto& [metric, values] : series) {
            auto& total = totals_[metric];
            for (const auto& [labels, value] : values) {
                const auto before = value_in(last->second, metric, labels);
                total[labels] += value >= before ? value - before : value;
            }
        }
        last->second = series;
    }
}

void Windows::configure(const std::set<Span>& spans)
{
    std::erase_if(samples_, [&](const auto& entry) { return !spans.contains(entry.first); });
    for (const auto span : spans) {
        samples_.try_emplace(span);
    }
}

void Windows::push(const Series& totals, std::int64_t steady_ms)
{
    totals_ = totals;
    now_ms_ = steady_ms;
    for (auto& [span, samples] : samples_) {
        const auto step = std::max(span.count() / samples_of_a_span, tick_ms);
        // Ticks are a little late or early.
        if (samples.empty() || steady_ms - samples.back().at_ms >= step - tick_ms / 2) {
            samples.push_back({steady_ms, totals});
        }
        while (samples.size() > 1 && samples[1].at_ms <= steady_ms - span.count()) {
            samples.pop_front();
        }
    }
}

std::map<telemetry::SeriesLabels, double> Windows::growth(Span span, std::string_view metric) const
{
    std::map<telemetry::SeriesLabels, double> grown;
    const auto samples = samples_.find(span);
    const auto now = totals_.find(metric);
    if (samples == samples_.end() || samples->second.empty() || now == totals_.end()) {
        return grown;
    }
    for (const auto& [labels, total] : now->second) {
        grown[labels] =
            total - value_in(samples->second.front().totals, std::string{metric}, labels);
    }
    return grown;
}

bool Windows::is_whole(Span span) const
{
    const auto samples = samples_.find(span);
    return samples != samples_.end() && !samples->second.empty() &&
           now_ms_ - samples->second.front().at_ms >= span.count();
}

}  // namespace gatehouse::alerts
