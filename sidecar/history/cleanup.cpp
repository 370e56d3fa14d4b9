#include "sidecar/history/cleanup.h"

#include <utility>

#include "sidecar/history/names.h"
#include "sidecar/history/steps.h"

namespace gatehouse::history {

using sidecar::SqlDatabase;
using sidecar::SqlRows;

namespace {

/// Each lies on another page of the index by status, while steps lie side by side.
constexpr std::int64_t most_results = 25;
static_assert(most_results <= Cleanup::most_rows);

Result<SqlRows> delete_results(SqlDatabase& database, std::int64_t before_s)
{
    return database.run(
        "delete from health_metrics where id in (select id from health_metrics where at_ms < $1 "
        "order by at_ms limit $2) returning id",
        {before_s * 1000, most_results});
}

/// The oldest ones: `$1` step, `$2` name, `$3` before.
Result<SqlRows> delete_steps(SqlDatabase& database, const std::string& table,
                             const std::string& column, const std::vector<sidecar::SqlValue>& of)
{
    const auto old = " from " + table + " where step_s = $1 and " + column + " = $2 and at_s < $3 ";
    auto any = database.run("select at_s" + old + "limit 1", of);
    if (!any || any->empty()) {
        return any;  // looking alone keeps nobody from writing
    }
    auto values = of;
    values.emplace_back(Cleanup::most_rows);
    return database.run("delete" + old + "and at_s <= (select max(at_s) from (select at_s" + old +
                            "order by at_s limit $4) as oldest) returning at_s",
                        values);
}

}  // namespace

void Cleanup::begin(const config::History& keep, std::int64_t now_s,
                    std::optional<std::set<std::string>> running)
{
    using Kind = Task::Kind;
    const auto before = [&](std::chrono::milliseconds kept) { return now_s - kept.count() / 1000; };
    const std::int64_t limits[] = {before(keep.keep_detail), before(keep.keep),
                                   before(keep.keep_hours)};
    running_ = std::move(running);
    tasks_.clear();
    tasks_.push_back({.kind = Kind::results, .before_s = before(keep.keep)});
    for (std::size_t i = 0; i < kept_steps.size(); ++i) {
        const auto step_s = kept_steps[i];
        tasks_.push_back({.kind = Kind::names,
                          .table = "traffic_steps",
                          .column = "endpoint",
                          .step_s = step_s,
                          .before_s = limits[i]});
        if (step_s >= minute_s) {
            tasks_.push_back({.kind = Kind::names,
                              .table = "health_steps",
                              .column = "metric",
                              .step_s = step_s,
                              .before_s = limits[i]});
        }
    }
    if (running_) {
        tasks_.push_back({.kind = Kind::regions, .before_s = before(keep.keep)});
    }
}

/// Into tasks of their own. False: this is one already.
Result<bool> Cleanup::expand(SqlDatabase& database, const Task& task)
{
    if (task.kind == Task::Kind::names) {
        const auto names = names_in(database, task.table, task.column, task.step_s);
        if (!names) {
            return names.error();
        }
        for (const auto& name : *names) {
            auto one = task;
            one.kind = Task::Kind::steps;
            one.name = name;
            tasks_.push_back(std::move(one));
        }
        return true;
    }
    if (task.kind != Task::Kind::regions) {
        return false;
    }
    const auto old =
        database.run("select region from traffic_counters group by region having max(at_s) < $1",
                     {task.before_s});
    if (!old) {
        return old.error();
    }
    for (const auto& row : *old) {
        if (const auto region = sidecar::value_of<std::string>(row[0]);
            !running_->contains(region)) {
            tasks_.push_back({.kind = Task::Kind::region, .name = region});
        }
    }
    return true;
}

Result<std::size_t> Cleanup::batch(SqlDatabase& database)
{
    const auto task = tasks_.front();
    const auto expanded = expand(database, task);
    if (!expanded) {
        return expanded.error();
    }
    if (*expanded) {
        tasks_.pop_front();
        return std::size_t{0};
    }
    const auto rows =
        task.kind == Task::Kind::results ? delete_results(database, task.before_s)
        : task.kind == Task::Kind::steps
            ? delete_steps(database, task.table, task.column,
                           {task.step_s, task.name, task.before_s})
            : database.run("delete from traffic_counters where region = $1 returning at_s",
                           {task.name});
    if (!rows) {
        return rows.error();
    }
    const auto whole = task.kind == Task::Kind::results ? most_results : most_rows;
    if (rows->size() < static_cast<std::size_t>(whole) || task.kind == Task::Kind::region) {
        tasks_.pop_front();
    }
    return rows->size();
}

}  // namespace gatehouse::history
