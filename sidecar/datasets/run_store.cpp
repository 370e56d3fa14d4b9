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

namespace {

std::int64_t number(const SqlValue& value)
{
    const auto* found = std::get_if<std::int64_t>(&value);
    return found == nullptr ? 0 : *found;
}

std::string text(const SqlValue& value)
{
    const auto* found = std::get_if<std::string>(&value);
    return found == nullptr ? std::string{} : *found;
}

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
    return {number(row[0]),
            {text(row[1]), number(row[2]), text(row[3])},
            static_cast<std::uint64_t>(number(row[4])),
            static_cast<std::uint64_t>(number(row[5]))};
}

}  // namespace

Result<SqlDatabase*> RunStore::database()
{
    if (!database_) {
        auto made = connect_();
        if (!made) {
            return made.error();
        }
        database_ = std::move(*made);
    }
    return database_.get();
}

/// One statement; a connection on which one failed is not used again.
Result<SqlRows> RunStore::ask(const std::string& sql, const std::vector<SqlValue>& values)
{
    const auto connected = database();
    if (!connected) {
        return connected.error();
    }
    auto rows = (*connected)->run(sql, values);
    if (!rows) {
        database_.reset();
    }
    return rows;
}

Outcome<RunStore::Known> RunStore::known(const std::string& dataset)
{
    const std::lock_guard lock{mutex_};
    const auto rows =
        ask("select columns, revision, updated_ms from datasets where name = $1", {dataset});
    if (!rows) {
        return of_storage(rows.error());
    }
    if (rows->empty()) {
        return Known{};
    }
    const auto& row = rows->front();
    return Known{columns_in(text(row[0])), number(row[1]), number(row[2])};
}

Outcome<std::optional<std::string>> RunStore::recall(const Order& order, const std::string& digest,
                                                     std::int64_t now_ms)
{
    if (order.key.empty()) {
        return std::optional<std::string>{};
    }
    const std::lock_guard lock{mutex_};
    const auto rows =
        ask("select digest, answer from uploads where dataset = $1 and key = $2 and at_ms > $3",
            {order.name, order.key, now_ms - remembered_ms});
    if (!rows) {
        return of_storage(rows.error());
    }
    if (rows->empty()) {
        return std::optional<std::string>{};
    }
    if (text(rows->front()[0]) != digest) {
        return Failure{422, "This Idempotency-Key came with another upload before."};
    }
    return std::optional{text(rows->front()[1])};
}

Outcome<Done> RunStore::add(const Order& order, const NewRun& run, const std::string& digest,
                            std::int64_t now_ms)
{
    const std::lock_guard lock{mutex_};
    const auto connected = database();
    if (!connected) {
        return of_storage(connected.error());
    }
    auto done = add_within(**connected, order, run, digest, now_ms);
    if (!done) {
        database_.reset();
        return of_storage(done.error());
    }
    return done->answer.empty()
               ? Outcome<Done>{Failure{409,
                                       "The columns of this dataset have just become others; "
                                       "try again."}}
               : Outcome<Done>{std::move(*done)};
}

/// An empty answer: the columns are others.
Result<Done> RunStore::add_within(SqlDatabase& database, const Order& order, const NewRun& run,
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
    if (!failed && text(kept.front()[0]) != columns) {
        const auto runs = step("select count(*) from runs where dataset = $1", {order.name});
        if (!failed && number(runs.front()[0]) != 0) {
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
    Done done{answer_of(order, run, number(made.front()[0]), now_ms), true};
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
    const auto rows = run ? ask(of_dataset + "and id = $2", {dataset, *run})
                          : ask(of_dataset + "order by time_us desc, id desc", {dataset});
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
        run ? ask("select id, data from runs where dataset = $1 and id = $2", {dataset, *run})
            : ask("select id, data from runs where dataset = $1 order by id", {dataset});
    if (!rows) {
        return of_storage(rows.error());
    }
    std::vector<Rows> kept;
    for (const auto& row : *rows) {
        const auto* data = std::get_if<SqlBlob>(&row[1]);
        kept.push_back({number(row[0]), data == nullptr ? std::string{} : data->bytes});
    }
    return kept;
}

Outcome<bool> RunStore::drop(const std::string& dataset, std::optional<std::int64_t> run,
                             std::int64_t now_ms)
{
    const std::lock_guard lock{mutex_};
    auto connected = database();
    if (!connected) {
        return of_storage(connected.error());
    }
    auto transaction = SqlTransaction::begin(**connected);
    if (!transaction) {
        database_.reset();
        return of_storage(transaction.error());
    }
    auto gone =
        run ? (*connected)
                  ->run("delete from runs where dataset = $1 and id = $2 returning id",
                        {dataset, *run})
            : (*connected)->run("delete from runs where dataset = $1 returning id", {dataset});
    auto raised = gone ? (*connected)
                             ->run(
                                 "update datasets set revision = revision + 1, updated_ms = $1 "
                                 "where name = $2",
                                 {now_ms, dataset})
                       : gone.error();
    const auto committed = raised ? transaction->commit() : raised.error();
    if (!committed) {
        return of_storage(committed.error());
    }
    return !gone->empty();
}

}  // namespace gatehouse::datasets
