#include "sidecar/datasets/run_store.h"

#include <jansson.h>

#include "sidecar/base/json_writer.h"
#include "sidecar/base/time_text.h"
#include "sidecar/datasets/file_store.h"

namespace gatehouse::datasets {

using sidecar::SqlBlob;
using sidecar::SqlColumns;
using sidecar::SqlDatabase;
using sidecar::SqlRow;
using sidecar::SqlRows;
using sidecar::SqlTransaction;
using sidecar::SqlValue;
using sidecar::value_of;

namespace {

SqlValue value(std::uint64_t number)
{
    return static_cast<std::int64_t>(number);
}

std::string columns_json(const SqlColumns& columns)
{
    sidecar::JsonWriter json;
    json.open_array();
    for (const auto& [name, type] : columns) {
        json.open_array().value(name).value(type).close_array();
    }
    return json.close_array().take();
}

SqlColumns columns_in(const std::string& text)
{
    SqlColumns columns;
    json_t* json = json_loads(text.c_str(), 0, nullptr);
    std::size_t index = 0;
    json_t* pair = nullptr;
    json_array_foreach(json, index, pair)
    {
        const char* name = json_string_value(json_array_get(pair, 0));
        const char* type = json_string_value(json_array_get(pair, 1));
        if (name != nullptr && type != nullptr) {
            columns.emplace_back(name, type);
        }
    }
    json_decref(json);
    return columns;
}

std::string answer_of(const Order& order, const NewRun& run, std::int64_t id, std::int64_t now_ms)
{
    sidecar::JsonWriter json;
    json.open_object().member("name", order.name).member("run", id).member("rows", run.rows);
    json.member("updated_at", sidecar::utc_text(now_ms));
    return json.close_object().take();
}

Run run_of(const SqlRow& row)
{
    return {value_of<std::int64_t>(row[0]),
            {value_of<std::string>(row[1]), value_of<std::int64_t>(row[2]),
             value_of<std::string>(row[3])},
            static_cast<std::uint64_t>(value_of<std::int64_t>(row[4])),
            static_cast<std::uint64_t>(value_of<std::int64_t>(row[5]))};
}

}  // namespace

Outcome<RunStore::Known> RunStore::known(const std::string& dataset)
{
    const std::lock_guard lock{mutex_};
    const auto rows = session_.run(
        "select columns, revision, updated_ms from datasets where name = $1", {dataset});
    if (!rows) {
        return of_storage(rows.error());
    }
    if (rows->empty()) {
        return Known{};
    }
    const auto& row = rows->front();
    return Known{columns_in(value_of<std::string>(row[0])), value_of<std::int64_t>(row[1]),
                 value_of<std::int64_t>(row[2])};
}

Outcome<std::optional<std::string>> RunStore::recall(const Order& order, const std::string& digest,
                                                     std::int64_t now_ms)
{
    if (order.key.empty()) {
        return std::optional<std::string>{};
    }
    const std::lock_guard lock{mutex_};
    const auto rows = session_.run(
        "select digest, answer from uploads where dataset = $1 and key = $2 and at_ms > $3",
        {order.name, order.key, now_ms - remembered_ms});
    if (!rows) {
        return of_storage(rows.error());
    }
    if (rows->empty()) {
        return std::optional<std::string>{};
    }
    if (value_of<std::string>(rows->front()[0]) != digest) {
        return Failure{422, "This Idempotency-Key came with another upload before."};
    }
    return std::optional{value_of<std::string>(rows->front()[1])};
}

Outcome<Done> RunStore::add(const Order& order, const NewRun& run, const std::string& digest,
                            std::int64_t now_ms)
{
    const std::lock_guard lock{mutex_};
    auto done = session_.use(
        [&](SqlDatabase& database) { return add_in(database, order, run, digest, now_ms); });
    if (!done) {
        return of_storage(done.error());
    }
    return done->answer.empty()
               ? Outcome<Done>{Failure{409,
                                       "The columns of this dataset have just become others; "
                                       "try again."}}
               : Outcome<Done>{std::move(*done)};
}

/// An empty answer: the columns are others.
Result<Done> RunStore::add_in(SqlDatabase& database, const Order& order, const NewRun& run,
                              const std::string& digest, std::int64_t now_ms)
{
    auto transaction = SqlTransaction::begin(database);
    if (!transaction) {
        return transaction.error();
    }
    const auto columns = columns_json(run.columns);
    std::optional<Error> failed;
    const auto step = [&](const std::string& sql, const std::vector<SqlValue>& values) {
        auto rows = failed ? Result<SqlRows>{SqlRows{}} : database.run(sql, values);
        if (!rows) {
            failed = rows.error();
        }
        return rows ? std::move(*rows) : SqlRows{};
    };
    // Locks the dataset's row: of two that add the first run, the second sees the first one's.
    step(
        "insert into datasets (name, columns, revision, updated_ms) values ($1, $2, 1, $3) "
        "on conflict (name) do update set revision = datasets.revision + 1, "
        "updated_ms = excluded.updated_ms",
        {order.name, columns, now_ms});
    if (order.mode == Order::Mode::replace) {
        step("delete from runs where dataset = $1", {order.name});
        step("update datasets set columns = $1 where name = $2", {columns, order.name});
    }
    const auto kept = step("select columns from datasets where name = $1", {order.name});
    if (!failed && value_of<std::string>(kept.front()[0]) != columns) {
        const auto runs = step("select count(*) from runs where dataset = $1", {order.name});
        if (!failed && value_of<std::int64_t>(runs.front()[0]) != 0) {
            return Done{};
        }
        step("update datasets set columns = $1 where name = $2", {columns, order.name});
    }
    const auto made = step(
        "insert into runs (dataset, name, time_us, parameters, row_count, byte_count, data) "
        "values ($1, $2, $3, $4, $5, $6, $7) returning id",
        {order.name, run.head.name, run.head.time_us.value_or(now_ms * 1000), run.head.parameters,
         value(run.rows), value(run.data.size()), SqlBlob{run.data}});
    if (failed) {
        return *failed;
    }
    Done done{answer_of(order, run, value_of<std::int64_t>(made.front()[0]), now_ms), true};
    step("delete from uploads where at_ms <= $1", {now_ms - remembered_ms});
    if (!order.key.empty()) {
        step(
            "insert into uploads (dataset, key, digest, at_ms, answer) values ($1, $2, $3, $4, $5)",
            {order.name, order.key, digest, now_ms, done.answer});
    }
    if (failed) {
        return *failed;
    }
    const auto committed = transaction->commit();
    return committed ? Result<Done>{std::move(done)} : committed.error();
}

Outcome<std::vector<Run>> RunStore::runs(const std::string& dataset,
                                         std::optional<std::int64_t> run)
{
    const std::string of_dataset =
        "select id, name, time_us, parameters, row_count, byte_count from runs where dataset = $1 ";
    const std::lock_guard lock{mutex_};
    const auto rows = run ? session_.run(of_dataset + "and id = $2", {dataset, *run})
                          : session_.run(of_dataset + "order by time_us desc, id desc", {dataset});
    if (!rows) {
        return of_storage(rows.error());
    }
    std::vector<Run> runs;
    for (const auto& row : *rows) {
        runs.push_back(run_of(row));
    }
    return runs;
}

Outcome<std::vector<RunStore::Rows>> RunStore::rows(const std::string& dataset,
                                                    std::optional<std::int64_t> run)
{
    const std::lock_guard lock{mutex_};
    const auto rows =
        run ? session_.run("select id, data from runs where dataset = $1 and id = $2",
                           {dataset, *run})
            : session_.run("select id, data from runs where dataset = $1 order by id", {dataset});
    if (!rows) {
        return of_storage(rows.error());
    }
    std::vector<Rows> kept;
    for (const auto& row : *rows) {
        kept.push_back({value_of<std::int64_t>(row[0]), value_of<SqlBlob>(row[1]).bytes});
    }
    return kept;
}

Outcome<bool> RunStore::drop(const std::string& dataset, std::optional<std::int64_t> run,
                             std::int64_t now_ms)
{
    const std::lock_guard lock{mutex_};
    const auto dropped = session_.transact([&](SqlDatabase& database) -> Result<bool> {
        const auto gone =
            run ? database.run("delete from runs where dataset = $1 and id = $2 returning id",
                               {dataset, *run})
                : database.run("delete from runs where dataset = $1 returning id", {dataset});
        const auto raised =
            gone ? database.run(
                       "update datasets set revision = revision + 1, updated_ms = $1 "
                       "where name = $2",
                       {now_ms, dataset})
                 : gone;
        return raised ? Result<bool>{!gone->empty()} : raised.error();
    });
    return dropped ? Outcome<bool>{*dropped} : of_storage(dropped.error());
}

}  // namespace gatehouse::datasets
