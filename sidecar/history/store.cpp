#include "sidecar/history/store.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "sidecar/history/all_endpoints.h"
#include "sidecar/history/columns.h"

namespace gatehouse::history {

using sidecar::SqlDatabase;
using sidecar::SqlTransaction;
using sidecar::SqlValue;
using sidecar::value_of;

namespace {

/// Endpoints of one transaction: some milliseconds' work.
constexpr std::ptrdiff_t endpoints_at_once = 32;

/// "$1, $2, …"
std::string placeholders(std::size_t count)
{
    std::string all;
    for (std::size_t i = 1; i <= count; ++i) {
        all += (all.empty() ? "$" : ", $") + std::to_string(i);
    }
    return all;
}

/// Sets every column of the traffic to what the pattern makes of its name, which stands for '#'.
std::string set_each(const std::string& pattern)
{
    std::string all;
    for (const std::string column : traffic_columns) {
        all += all.empty() ? "" : ", ";
        for (const char c : pattern) {
            all += c == '#' ? column : std::string(1, c);
        }
    }
    return all;
}

const std::string& add_to_traffic_step()
{
    static const std::string sql = "insert into traffic_steps (step_s, endpoint, at_s, " +
                                   traffic_list() + ") values (" + placeholders(3 + Traffic::size) +
                                   ") on conflict (step_s, endpoint, at_s) do update set " +
                                   set_each("# = traffic_steps.# + excluded.#");
    return sql;
}

const std::string& set_counters()
{
    static const std::string sql =
        "insert into traffic_counters (region, endpoint, at_s, " + traffic_list() + ") values (" +
        placeholders(3 + Traffic::size) +
        ") on conflict (region, endpoint) do update set at_s = excluded.at_s, " +
        set_each("# = excluded.#");
    return sql;
}

constexpr const char* add_to_health_step =
    "insert into health_steps (step_s, metric, at_s, up, degraded, down, duration_us, value_sum, "
    "value_count, value_min, value_max) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
    "on conflict (step_s, metric, at_s) do update set up = health_steps.up + excluded.up, "
    "degraded = health_steps.degraded + excluded.degraded, "
    "down = health_steps.down + excluded.down, "
    "duration_us = health_steps.duration_us + excluded.duration_us, "
    "value_sum = health_steps.value_sum + excluded.value_sum, "
    "value_count = health_steps.value_count + excluded.value_count, "
    "value_min = case when health_steps.value_min is null or "
    "excluded.value_min < health_steps.value_min then excluded.value_min "
    "else health_steps.value_min end, "
    "value_max = case when health_steps.value_max is null or "
    "excluded.value_max > health_steps.value_max then excluded.value_max "
    "else health_steps.value_max end";

constexpr const char* add_result =
    "insert into health_metrics (metric, status, at_ms, value, duration_us, message) "
    "values ($1, $2, $3, $4, $5, $6)";

SqlValue value_or_null(const std::optional<double>& value)
{
    return value ? SqlValue{*value} : SqlValue{};
}

std::vector<SqlValue> with_traffic(std::vector<SqlValue> values, const Traffic& traffic)
{
    values.insert(values.end(), traffic.numbers.begin(), traffic.numbers.end());
    return values;
}

/// Statements of one transaction; the first error ends it.
class Statements {
public:
    explicit Statements(SqlDatabase& database) : database_(database) {}

    void run(const std::string& sql, const std::vector<SqlValue>& values)
    {
        if (all_) {
            if (auto rows = database_.run(sql, values); !rows) {
                all_ = rows.error();
            }
        }
    }
    const Result<void>& result() const noexcept { return all_; }

private:
    SqlDatabase& database_;
    Result<void> all_;
};

Result<void> write_results(SqlDatabase& database, const UnwrittenResults& from)
{
    Statements statements{database};
    for (const auto& [key, step] : from.steps) {
        const auto& [when, metric] = key;
        statements.run(add_to_health_step,
                       {when.first, metric, when.second, step.up, step.degraded, step.down,
                        step.duration_us, step.value_sum, step.value_count,
                        value_or_null(step.value_min), value_or_null(step.value_max)});
    }
    for (const auto& result : from.results) {
        statements.run(add_result,
                       {result.metric, std::string{health::name_of(result.state)}, result.at_ms,
                        value_or_null(result.value), result.duration_us, result.message});
    }
    return statements.result();
}

Result<void> write_some(SqlDatabase& database, Unwritten::const_iterator first,
                        Unwritten::const_iterator last, std::int64_t now_s)
{
    Statements statements{database};
    std::map<Step, Traffic> all;
    const auto add_step = [&](const std::string& endpoint, Step step, const Traffic& traffic) {
        statements.run(add_to_traffic_step(),
                       with_traffic({step.first, endpoint, step.second}, traffic));
    };
    for (auto at = first; at != last; ++at) {
        const auto& [endpoint, unwritten] = *at;
        for (const auto& [step, traffic] : unwritten.steps) {
            add_step(endpoint, step, traffic);
            add(all[step], traffic);
        }
        for (const auto& [region, counted] : unwritten.counters) {
            statements.run(set_counters(), with_traffic({region, endpoint, now_s}, counted));
        }
    }
    for (const auto& [step, traffic] : all) {
        add_step(all_endpoints, step, traffic);
    }
    return statements.result();
}

}  // namespace

Result<Readings> Store::readings()
{
    const auto rows =
        session_.run("select region, endpoint, at_s, " + traffic_list() + " from traffic_counters");
    if (!rows) {
        return rows.error();
    }
    knows_readings_ = true;
    Readings readings;
    for (const auto& row : *rows) {
        auto& reading = readings[value_of<std::string>(row[0])];
        reading.at_s = std::max(reading.at_s, value_of<Number>(row[2]));
        reading.traffic.emplace(value_of<std::string>(row[1]), traffic_in(row, 3));
    }
    return readings;
}

Result<void> Store::write(const Unwritten& traffic, std::int64_t now_s)
{
    if (!knows_readings_) {
        return Error{"what was written last is not known"};
    }
    for (auto first = traffic.begin(); first != traffic.end();) {
        const auto left = std::distance(first, traffic.end());
        const auto last = std::next(first, std::min(left, endpoints_at_once));
        auto written = session_.transact(
            [&](SqlDatabase& database) { return write_some(database, first, last, now_s); });
        if (!written) {
            knows_readings_ = false;
            return written;
        }
        first = last;
    }
    return {};
}

Store::Outcome Store::write(const UnwrittenResults& results)
{
    auto outcome = write_all(results);
    if (outcome.written != Written::yes) {
        session_.lose();  // not before: the transaction has to end on it
    }
    return outcome;
}

Store::Outcome Store::write_all(const UnwrittenResults& results)
{
    const auto connected = session_.database();
    if (!connected) {
        return {Written::no, connected.error().message};
    }
    auto transaction = SqlTransaction::begin(**connected);
    if (!transaction) {
        return {Written::no, transaction.error().message};
    }
    if (auto written = write_results(**connected, results); !written) {
        return {Written::no, written.error().message};
    }
    auto committed = transaction->commit();
    return committed ? Outcome{} : Outcome{Written::perhaps, committed.error().message};
}

}  // namespace gatehouse::history
