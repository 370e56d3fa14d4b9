#include "sidecar/history/book.h"

#include <algorithm>

#include "sidecar/history/all_endpoints.h"
#include "sidecar/history/names.h"
#include "sidecar/history/steps.h"

namespace gatehouse::history {

using config::HistorySource;
using sidecar::SqlDatabase;
using sidecar::SqlRow;
using sidecar::SqlRows;
using sidecar::value_of;

namespace {

const Error no_state{
    "history is kept in \"state\": set its \"path\" or \"url\" in the configuration"};

std::int64_t step_s(const HistorySource& source)
{
    return std::max<std::int64_t>(source.step.count() / 1000, 1);
}

/// Rows of the kept steps of which those of the source are made, by name and time.
Result<SqlRows> rows_of(SqlDatabase& database, const std::string& table, const std::string& column,
                        const std::string& columns, const Names& only, std::int64_t kept_s,
                        std::int64_t from_s, std::int64_t until_s)
{
    auto names = only.empty() ? names_in(database, table, column, kept_s) : Result<Names>{only};
    if (!names) {
        return names.error();
    }
    std::sort(names->begin(), names->end());
    if (only.empty()) {
        std::erase(*names, all_endpoints);
    }
    const auto sql = "select at_s, " + columns + " from " + table + " where step_s = $1 and " +
                     column + " = $2 and at_s >= $3 and at_s < $4 order by at_s";
    SqlRows all;
    for (const auto& name : *names) {
        auto rows = database.run(sql, {kept_s, name, from_s, until_s});
        if (!rows) {
            return rows;
        }
        for (auto& row : *rows) {
            row.insert(row.begin() + 1, name);
        }
        std::move(rows->begin(), rows->end(), std::back_inserter(all));
    }
    return all;
}

/// Adds to the last row if that is of the same step and name, else behind it.
template <class Row, class Value>
void put(std::vector<Row>& rows, std::int64_t at_s, std::string Row::*name, const std::string& of,
         Value Row::*value, const Value& more)
{
    if (rows.empty() || rows.back().at_s != at_s || rows.back().*name != of) {
        auto& row = rows.emplace_back();
        row.at_s = at_s;
        row.*name = of;
    }
    add(rows.back().*value, more);
}

std::optional<double> real_or_none(const sidecar::SqlValue& value)
{
    const auto* found = std::get_if<double>(&value);
    return found == nullptr ? std::nullopt : std::optional{*found};
}

CheckStep check_step_in(const SqlRow& row, std::size_t first)
{
    const auto number = [&](std::size_t i) { return value_of<Number>(row[first + i]); };
    return {number(0),
            number(1),
            number(2),
            number(3),
            value_of<double>(row[first + 4]),
            number(5),
            real_or_none(row[first + 6]),
            real_or_none(row[first + 7])};
}

health::State state_called(const std::string& name)
{
    const auto found =
        std::find(health::state_names.begin(), health::state_names.end(), std::string_view{name});
    return found == health::state_names.end()
               ? health::State::unknown
               : static_cast<health::State>(found - health::state_names.begin());
}

}  // namespace

// --- what the agent tells ---

void Book::remember(std::int64_t at_s, const ByEndpoint& traffic)
{
    const std::lock_guard lock{mutex_};
    recent_.add(at_s, traffic);
}

void Book::memory_is_complete_until(std::int64_t until_s)
{
    const std::lock_guard lock{mutex_};
    memory_until_s_ = until_s;
}

void Book::database_is_complete_until(std::int64_t until_s)
{
    const std::lock_guard lock{mutex_};
    database_until_s_ = until_s;
}

void Book::results_were_written()
{
    const std::lock_guard lock{mutex_};
    ++results_version_;
}

// --- what readers ask ---

bool Book::in_memory(const HistorySource& source) const
{
    return source.of == "traffic" && (!connect_ || made_of(step_s(source)) == 0);
}

/// REQUIRES: the mutex is held.
std::int64_t Book::finished(const HistorySource& source) const
{
    return beginning(in_memory(source) ? memory_until_s_ : database_until_s_, step_s(source));
}

Book::Span Book::span(const HistorySource& source) const
{
    const std::lock_guard lock{mutex_};
    const auto step = step_s(source);
    const auto until = finished(source);
    const auto steps = (source.last.count() / 1000 + step - 1) / step;
    return {until - steps * step, until};
}

std::string Book::mark(const HistorySource& source) const
{
    const std::lock_guard lock{mutex_};
    return source.of == "results" ? std::to_string(results_version_)
                                  : std::to_string(finished(source));
}

template <class Read>
auto Book::read(Read read) -> decltype(read(std::declval<SqlDatabase&>()))
{
    if (!connect_) {
        return no_state;
    }
    const std::lock_guard lock{reading_};
    if (!database_) {
        auto made = connect_();
        if (!made) {
            return made.error();
        }
        database_ = std::move(*made);
    }
    auto found = read(*database_);
    if (!found) {
        database_.reset();
    }
    return found;
}

std::vector<TrafficRow> Book::remembered(const HistorySource& source, const Names& only) const
{
    const auto [from_s, until_s] = span(source);
    const auto step = step_s(source);
    const bool together = only == Names{all_endpoints};
    const std::string whole = all_endpoints;
    std::map<std::pair<std::string, std::int64_t>, Traffic> sums;
    const std::lock_guard lock{mutex_};
    for (const auto& [at_s, traffic] : recent_.seconds()) {
        if (at_s < from_s || at_s >= until_s) {
            continue;
        }
        for (const auto& [endpoint, counted] : traffic) {
            const auto& name = together ? whole : endpoint;
            if (together || only.empty() ||
                std::find(only.begin(), only.end(), endpoint) != only.end()) {
                add(sums[{name, beginning(at_s, step)}], counted);
            }
        }
    }
    std::vector<TrafficRow> rows;
    for (const auto& [key, traffic] : sums) {
        rows.push_back({key.second, key.first, traffic});
    }
    return rows;
}

Result<std::vector<TrafficRow>> Book::traffic(const HistorySource& source, const Names& only)
{
    if (in_memory(source)) {
        return remembered(source, only);
    }
    const auto step = step_s(source);
    const auto within = span(source);
    return read([&](SqlDatabase& database) -> Result<std::vector<TrafficRow>> {
        const auto rows = rows_of(database, "traffic_steps", "endpoint", traffic_list(), only,
                                  made_of(step), within.from_s, within.until_s);
        if (!rows) {
            return rows.error();
        }
        std::vector<TrafficRow> all;
        for (const auto& row : *rows) {
            put(all, beginning(value_of<Number>(row[0]), step), &TrafficRow::endpoint,
                value_of<std::string>(row[1]), &TrafficRow::traffic, traffic_in(row, 2));
        }
        return all;
    });
}

Result<std::vector<CheckRow>> Book::checks(const HistorySource& source, const Names& only)
{
    const auto step = step_s(source);
    const auto within = span(source);
    return read([&](SqlDatabase& database) -> Result<std::vector<CheckRow>> {
        const auto rows = rows_of(database, "health_steps", "metric",
                                  "up, degraded, down, duration_us, value_sum, value_count, "
                                  "value_min, value_max",
                                  only, made_of(step, minute_s), within.from_s, within.until_s);
        if (!rows) {
            return rows.error();
        }
        std::vector<CheckRow> all;
        for (const auto& row : *rows) {
            put(all, beginning(value_of<Number>(row[0]), step), &CheckRow::metric,
                value_of<std::string>(row[1]), &CheckRow::results, check_step_in(row, 2));
        }
        return all;
    });
}

Result<std::vector<CheckResult>> Book::results(const HistorySource& source)
{
    const auto from_ms = span(source).from_s * 1000;
    return read([&](SqlDatabase& database) -> Result<std::vector<CheckResult>> {
        const auto rows = database.run(
            "select at_ms, metric, status, value, duration_us, message from health_metrics "
            "where at_ms >= $1 order by at_ms, id",
            {from_ms});
        if (!rows) {
            return rows.error();
        }
        std::vector<CheckResult> all;
        for (const auto& row : *rows) {
            all.push_back({value_of<std::string>(row[1]),
                           state_called(value_of<std::string>(row[2])), value_of<Number>(row[0]),
                           real_or_none(row[3]), value_of<Number>(row[4]),
                           value_of<std::string>(row[5])});
        }
        return all;
    });
}

}  // namespace gatehouse::history
