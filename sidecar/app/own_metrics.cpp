#include "sidecar/app/own_metrics.h"

#include <algorithm>
#include <cmath>

#include "sidecar/app/compute_card.h"
#include "sidecar/base/sql_text.h"
#include "src/audit/chain.h"

namespace gatehouse::app {

namespace {

/// Names of cards have no blank.
constexpr std::string_view prefix = "metric ";

constexpr std::size_t longest_label = 256;  ///< bytes

std::string joined(const std::vector<std::string>& labels)
{
    std::string out;
    for (const auto& label : labels) {
        out += (out.empty() ? "" : ",") + label;
    }
    return out;
}

/// A source or a card, or a table of a source.
std::string relation(const std::string& from)
{
    const auto dot = from.find('.');
    return dot == from.npos ? sidecar::sql_identifier(from)
                            : sidecar::sql_identifier(from.substr(0, dot)) + '.' +
                                  sidecar::sql_identifier(from.substr(dot + 1));
}

/// In words that DuckDB, SQLite and PostgreSQL share. An expression may end in a comment.
std::string sql_of(const config::OwnMetric& metric)
{
    std::string columns, group;
    for (std::size_t i = 0; i < metric.labels.size(); ++i) {
        columns += "coalesce(cast(" + sidecar::sql_identifier(metric.labels[i]) +
                   " as varchar), '') as " + sidecar::sql_identifier(metric.labels[i]) + ", ";
        group += (i == 0 ? " group by " : ", ") + std::to_string(i + 1);
    }
    return "select " + columns + '(' + metric.value + "\n) as metric_value from " +
           relation(metric.from) + (metric.where.empty() ? "" : " where (" + metric.where + "\n)") +
           group;
}

config::Card card_of(const config::OwnMetric& metric, const config::Config& config)
{
    config::Card card;
    card.name = std::string{prefix} + metric.name;
    card.sql = sql_of(metric);
    const auto name = metric.from.substr(0, metric.from.find('.'));
    (config.sources.contains(name) ? card.sources : card.cards).push_back(name);
    if (metric.every) {
        card.refresh = config::Every{*metric.every};
    }
    card.formats = {"json"};
    card.compress = false;
    card.origin = metric.origin;
    return card;
}

/// Each worker keeps them all, and each scrape has them all: of one that is longer the beginning,
/// and digits that tell it from others that begin so.
std::string bounded(std::string_view label)
{
    if (label.size() <= longest_label) {
        return std::string{label};
    }
    constexpr std::size_t digits = 16;
    auto end = longest_label - digits - 1;
    while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xC0) == 0x80) {
        --end;  // not within a character
    }
    return std::string{label.substr(0, end)} + '~' + audit::sha256_digits(label).substr(0, digits);
}

Result<telemetry::SeriesLabels> labels_of(const sidecar::Table& rows, std::uint64_t row)
{
    telemetry::SeriesLabels labels;
    for (std::size_t i = 0; i + 1 < rows.columns().size(); ++i) {
        if (rows.columns()[i].type.id != sidecar::TypeId::text) {
            return Error{"label \"" + rows.columns()[i].name + "\" is no text"};
        }
        labels.push_back(bounded(rows.vector(i).cell<sidecar::Text>(rows.position(row)).view()));
    }
    return labels;
}

/// NULL is NaN, also where nothing says of what type it might be.
Result<std::vector<double>> values_of(const sidecar::Table& rows)
{
    const auto column = rows.columns().size() - 1;
    bool any = false;
    for (std::uint64_t row = 0; row < rows.rows(); ++row) {
        any = any || rows.vector(column).valid(rows.position(row));
    }
    if (!any || rows.columns()[column].type.id == sidecar::TypeId::null) {
        return std::vector<double>(rows.rows(), std::nan(""));
    }
    auto values = rows.numbers(column);
    return values ? std::move(values) : Error{"its \"value\" is no number"};
}

/// Where it is declared does not matter.
config::OwnMetric placeless(config::OwnMetric metric)
{
    metric.origin.clear();
    return metric;
}

const config::OwnMetric* find(const config::Config& config, const std::string& name)
{
    const auto found = std::find_if(config.metrics.begin(), config.metrics.end(),
                                    [&](const auto& metric) { return metric.name == name; });
    return found == config.metrics.end() ? nullptr : &*found;
}

sidecar::Attempt compute(const std::shared_ptr<const Setup>& setup, const config::OwnMetric& metric,
                         const config::Card& card, OwnMetrics& own, const std::stop_token& stop)
{
    auto attempt = compute_card(setup->executors, setup->config, card, stop, setup->tables.get());
    Result<sidecar::Product> result = sidecar::Product{};
    if (!attempt.result) {
        result = attempt.result.error();
    } else if (auto put = own.put(metric, *attempt.result->table); !put) {
        result = put.error();
    } else {
        result->rows = attempt.result->rows;
    }
    std::function<bool()> sources_unchanged;
    if (rests_on_sources(setup->executors, card)) {
        sources_unchanged = [setup, inputs = std::move(attempt.inputs),
                             inner = std::move(attempt.inner)] {
            return setup->tables->are_current(inner) &&
                   unchanged(setup->executors, setup->config, inputs);
        };
    }
    return {std::move(result), std::move(sources_unchanged)};
}

}  // namespace

Result<void> OwnMetrics::put(const config::OwnMetric& metric, const sidecar::Table& rows)
{
    if (metric.labels.empty() && rows.rows() > 1) {
        return Error{"gives " + std::to_string(rows.rows()) +
                     " rows: make one of them, as by \"sum(…)\", or name \"labels\""};
    }
    if (rows.rows() > most_series) {
        return Error{"gives " + std::to_string(rows.rows()) + " series, more than " +
                     std::to_string(most_series) +
                     ": group by fewer \"labels\", or choose rows by \"where\""};
    }
    const auto values = values_of(rows);
    if (!values) {
        return values.error();
    }
    Last last{placeless(metric), {}};
    for (std::uint64_t row = 0; row < rows.rows(); ++row) {
        auto labels = labels_of(rows, row);
        if (!labels) {
            return labels.error();
        }
        last.series[std::move(*labels)] = (*values)[row];
    }
    const std::lock_guard lock{mutex_};
    last_[metric.name] = std::move(last);
    return {};
}

telemetry::OwnMetrics OwnMetrics::of(const std::vector<config::OwnMetric>& metrics) const
{
    const std::lock_guard lock{mutex_};
    telemetry::OwnMetrics own;
    for (const auto& metric : metrics) {
        const auto type = metric.type == "counter" ? telemetry::MetricType::counter
                                                   : telemetry::MetricType::gauge;
        own.metrics.push_back({metric.name, type, joined(metric.labels), metric.help});
        auto& series = own.series[metric.name];
        const auto last = last_.find(metric.name);
        if (last != last_.end() && last->second.definition == placeless(metric)) {
            series = last->second.series;
        }
        if (series.empty() && metric.labels.empty()) {
            series[{}] = std::nan("");
        }
    }
    return own;
}

std::string metric_of_card(const std::string& card)
{
    return card.starts_with(prefix) ? card.substr(prefix.size()) : "";
}

std::map<std::string, config::Card> cards_of_metrics(const config::Config& config)
{
    std::map<std::string, config::Card> cards;
    for (const auto& metric : config.metrics) {
        auto card = card_of(metric, config);
        cards.emplace(card.name, std::move(card));
    }
    return cards;
}

sidecar::Compute with_own_metrics(sidecar::Compute cards, std::shared_ptr<const Setup> setup,
                                  std::shared_ptr<OwnMetrics> own)
{
    return
        [cards = std::move(cards), setup = std::move(setup), own = std::move(own)](
            const config::Card& card, const sidecar::Snapshot& held, const std::stop_token& stop) {
            const auto* metric = find(setup->config, metric_of_card(card.name));
            return metric == nullptr ? cards(card, held, stop)
                                     : compute(setup, *metric, card, *own, stop);
        };
}

}  // namespace gatehouse::app
