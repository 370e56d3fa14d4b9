#include "sidecar/app/history_source.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sidecar/app/state_database.h"
#include "sidecar/base/vector_writer.h"
#include "sidecar/config/sql_names.h"
#include "sidecar/history/all_endpoints.h"

namespace gatehouse::app {

namespace {

using history::CheckResult;
using history::CheckRow;
using history::Traffic;
using history::TrafficRow;
using sidecar::Relation;
using sidecar::TypeId;
using sidecar::VectorWriter;

constexpr std::int64_t us_in_s = 1'000'000;
constexpr std::int64_t us_in_ms = 1000;

const Error no_book{"history is what a running gatehoused remembers"};

/// Columns under construction, by their names.
template <class Row>
class Columns {
public:
    explicit Columns(const std::vector<Row>& rows) : rows_(rows) {}

    template <class Write>
    void add(const char* name, TypeId type, Write write)
    {
        VectorWriter writer{{.id = type}};
        for (const auto& row : rows_) {
            write(writer, row);
        }
        columns_.push_back({name, {.id = type}});
        vectors_.push_back(std::move(writer).finish());
    }

    template <class Value>
    void add_number(const char* name, Value value)
    {
        add(name, TypeId::int64, [&](auto& to, const Row& row) { to.cell(value(row)); });
    }

    /// NULL where there is none.
    template <class Value>
    void add_real(const char* name, Value value)
    {
        add(name, TypeId::float64, [&](auto& to, const Row& row) {
            const std::optional<double> found = value(row);
            found ? to.cell(*found) : to.null();
        });
    }

    Relation as(std::string name) &&
    {
        return {.name = std::move(name),
                .rows = {sidecar::Table{std::move(columns_), std::move(vectors_), rows_.size()}}};
    }

private:
    const std::vector<Row>& rows_;
    std::vector<sidecar::Column> columns_;
    std::vector<sidecar::Vector> vectors_;
};

// --- traffic ---

void add_traffic(Columns<TrafficRow>& to, double seconds)
{
    const auto number = [&](const char* name, Traffic::Index index) {
        to.add_number(name, [index](const TrafficRow& row) { return row.traffic[index]; });
    };
    const auto quantile = [&](const char* name, double q) {
        to.add_real(name, [q](const TrafficRow& row) { return quantile_ms(row.traffic, q); });
    };
    number("requests", Traffic::requests);
    number("errors", Traffic::errors);
    number("refused", Traffic::refused);
    number("bytes", Traffic::bytes);
    to.add_real("per_second", [seconds](const TrafficRow& row) {
        return std::optional{static_cast<double>(row.traffic[Traffic::requests]) / seconds};
    });
    to.add_real("mean", [](const TrafficRow& row) { return mean_ms(row.traffic); });
    quantile("p50", 0.5);
    quantile("p95", 0.95);
    quantile("p99", 0.99);
}

template <class Row>
void add_time(Columns<Row>& to)
{
    to.add("time", TypeId::timestamp_tz,
           [](auto& writer, const Row& row) { writer.cell(row.at_s * us_in_s); });
}

/// All steps together, by endpoint; the last one is of all endpoints.
std::vector<TrafficRow> totals_of(const std::vector<TrafficRow>& rows)
{
    std::map<std::string, Traffic> sums;
    Traffic all;
    for (const auto& row : rows) {
        add(sums[row.endpoint], row.traffic);
        add(all, row.traffic);
    }
    std::vector<TrafficRow> totals;
    for (auto& [endpoint, sum] : sums) {
        totals.push_back({0, endpoint, sum});
    }
    totals.push_back({0, {}, all});
    return totals;
}

double seconds_of(std::chrono::milliseconds span)
{
    return std::chrono::duration<double>(span).count();
}

Relation of_endpoints(const config::Source& source, const std::vector<TrafficRow>& rows)
{
    Columns<TrafficRow> columns{rows};
    add_time(columns);
    columns.add("endpoint", TypeId::text,
                [](auto& to, const TrafficRow& row) { to.text(row.endpoint); });
    add_traffic(columns, seconds_of(source.history.step));
    return std::move(columns).as(source.name);
}

Relation of_all(const config::Source& source, const std::vector<TrafficRow>& steps)
{
    Columns<TrafficRow> columns{steps};
    add_time(columns);
    add_traffic(columns, seconds_of(source.history.step));
    return std::move(columns).as(source.name + "_all");
}

Relation of_total(const config::Source& source, const std::vector<TrafficRow>& rows)
{
    const auto totals = totals_of(rows);
    Columns<TrafficRow> columns{totals};
    columns.add("endpoint", TypeId::text, [&](auto& to, const TrafficRow& row) {
        &row == &totals.back() ? to.null() : to.text(row.endpoint);
    });
    add_traffic(columns, seconds_of(source.history.last));
    return std::move(columns).as(source.name + "_total");
}

/// Which of the relations SQL names; without any SQL all of them.
struct Named {
    bool endpoints, all, total;
};

Named named_in(const std::optional<std::string>& sql, const std::string& source)
{
    if (!sql) {
        return {true, true, true};
    }
    const auto names = config::sql_identifiers(*sql);
    return {names.contains(source), names.contains(source + "_all"),
            names.contains(source + "_total")};
}

Result<std::vector<Relation>> relations_of_traffic(history::Book& book,
                                                   const config::Source& source,
                                                   const std::optional<std::string>& sql)
{
    const auto named = named_in(sql, source.name);
    std::vector<Relation> relations;
    if (named.endpoints || named.total) {
        const auto rows = book.traffic(source.history);
        if (!rows) {
            return rows.error();
        }
        relations.push_back(of_endpoints(source, *rows));
        relations.push_back(of_total(source, *rows));
    }
    if (named.all) {
        const auto steps = book.traffic(source.history, {history::all_endpoints});
        if (!steps) {
            return steps.error();
        }
        relations.push_back(of_all(source, *steps));
    }
    return relations;
}

// --- checks ---

std::optional<double> share_up(const history::CheckStep& results)
{
    const auto all = results.up + results.degraded + results.down;
    return all == 0 ? std::nullopt
                    : std::optional{static_cast<double>(results.up + results.degraded) /
                                    static_cast<double>(all)};
}

std::optional<double> mean_of(double sum, history::Number count)
{
    return count == 0 ? std::nullopt : std::optional{sum / static_cast<double>(count)};
}

std::optional<double> duration_ms(const history::CheckStep& results)
{
    return mean_of(static_cast<double>(results.duration_us) / us_in_ms,
                   results.up + results.degraded + results.down);
}

Relation of_checks(const config::Source& source, const std::vector<CheckRow>& rows)
{
    Columns<CheckRow> columns{rows};
    add_time(columns);
    columns.add("metric", TypeId::text, [](auto& to, const CheckRow& row) { to.text(row.metric); });
    columns.add_number("up", [](const CheckRow& row) { return row.results.up; });
    columns.add_number("degraded", [](const CheckRow& row) { return row.results.degraded; });
    columns.add_number("down", [](const CheckRow& row) { return row.results.down; });
    columns.add_real("availability", [](const CheckRow& row) { return share_up(row.results); });
    columns.add_real("duration", [](const CheckRow& row) { return duration_ms(row.results); });
    columns.add_real("value", [](const CheckRow& row) {
        return mean_of(row.results.value_sum, row.results.value_count);
    });
    columns.add_real("value_min", [](const CheckRow& row) { return row.results.value_min; });
    columns.add_real("value_max", [](const CheckRow& row) { return row.results.value_max; });
    return std::move(columns).as(source.name);
}

Relation of_results(const config::Source& source, const std::vector<CheckResult>& rows)
{
    Columns<CheckResult> columns{rows};
    columns.add("time", TypeId::timestamp_tz,
                [](auto& to, const CheckResult& row) { to.cell(row.at_ms * us_in_ms); });
    columns.add("metric", TypeId::text,
                [](auto& to, const CheckResult& row) { to.text(row.metric); });
    columns.add("status", TypeId::text,
                [](auto& to, const CheckResult& row) { to.text(health::name_of(row.state)); });
    columns.add_real("value", [](const CheckResult& row) { return row.value; });
    columns.add_real("duration", [](const CheckResult& row) {
        return std::optional{static_cast<double>(row.duration_us) / us_in_ms};
    });
    columns.add("message", TypeId::text,
                [](auto& to, const CheckResult& row) { to.text(row.message); });
    return std::move(columns).as(source.name);
}

}  // namespace

bool is_of_history(const config::Source& source)
{
    return source.kind == "history";
}

std::vector<std::string> sources_of_history(const config::Config& config)
{
    std::vector<std::string> names;
    for (const auto& [name, source] : config.sources) {
        if (is_of_history(source)) {
            names.push_back(name);
        }
    }
    return names;
}

history::Connect connect_history(const config::State& state)
{
    if (state.path.empty() && state.url.empty()) {
        return {};
    }
    return [state]() -> Result<std::unique_ptr<sidecar::SqlDatabase>> {
        auto database = open_state(state);
        if (database && state.url.empty()) {
            // A power cut may take the last steps with it; that is worth no flush of the disk each.
            // The log is checkpointed by this writer rather than in the midst of others' work.
            if (auto set = (*database)->script(
                    "pragma synchronous = normal; pragma wal_autocheckpoint = 250");
                !set) {
                return set.error();
            }
        }
        return database;
    };
}

std::shared_ptr<history::Book> open_book(const config::State& state)
{
    return std::make_shared<history::Book>(connect_history(state));
}

sources::Fingerprint fingerprint_of_history(const history::Book* book, const config::Source& source)
{
    sources::Fingerprint seen;
    seen.mark = book == nullptr ? "" : book->mark(source.history);
    return seen;
}

Result<std::vector<Relation>> relations_of_history(history::Book* book,
                                                   const config::Source& source,
                                                   const std::optional<std::string>& sql)
{
    if (book == nullptr) {
        return no_book;
    }
    if (source.history.of == "traffic") {
        return relations_of_traffic(*book, source, sql);
    }
    if (source.history.of == "checks") {
        const auto rows = book->checks(source.history);
        return rows ? Result<std::vector<Relation>>{std::vector{of_checks(source, *rows)}}
                    : rows.error();
    }
    const auto rows = book->results(source.history);
    return rows ? Result<std::vector<Relation>>{std::vector{of_results(source, *rows)}}
                : rows.error();
}

}  // namespace gatehouse::app
