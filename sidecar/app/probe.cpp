// What `source test` shows: probe.
#include "sidecar/app/history_source.h"
#include "sidecar/app/reading.h"
#include "sidecar/app/run_source.h"
#include "sidecar/base/sql_text.h"
#include "sidecar/databases/own_relation.h"

namespace gatehouse::app {
namespace {

using sidecar::Relation;
using sidecar::Table;
using sources::Fingerprint;

Result<Probe> probe_database(databases::Database& database, const config::Config& limits,
                             const config::Source& source, const std::stop_token& stop)
{
    config::Card card;
    const bool has_own = databases::own_query(source).has_value();
    const std::string sql =
        has_own ? "SELECT * FROM " + sidecar::sql_identifier(source.name) + " LIMIT 1"
                : database.tables_sql();
    const Result<Table> found = database.query(sql, {}, job_for(limits, card, stop));
    if (!found) {
        return of_source(source.name, found.error());
    }
    Probe probe;
    if (has_own) {
        for (const sidecar::Column& column : found->columns()) {
            probe.columns.emplace_back(column.name, sidecar::name_of(column.type.id));
        }
        return probe;
    }
    for (std::uint64_t row = 0; row < found->rows(); ++row) {
        probe.columns.emplace_back(found->vector(0).cell<sidecar::Text>(row).view(),
                                   found->vector(1).cell<sidecar::Text>(row).view());
    }
    return probe;
}

/// The columns of all relations that a source makes.
Result<Probe> probe_relations(const config::Source& source,
                              const Result<std::vector<Relation>>& relations)
{
    if (!relations) {
        return of_source(source.name, relations.error());
    }
    Probe probe;
    for (const Relation& relation : *relations) {
        for (const sidecar::Column& column : relation.rows.front().columns()) {
            probe.columns.emplace_back(relation.name + "." + column.name,
                                       sidecar::name_of(column.type.id));
        }
    }
    return probe;
}

Result<Probe> probed(const Executors& executors, const config::Source& source, std::stop_token stop)
{
    if (const auto database = executors.databases.find(source.name);
        database != executors.databases.end()) {
        return probe_database(*database->second, {}, source, stop);
    }
    if (is_runs(source)) {
        return probe_relations(source,
                               relations_of_runs(executors.runs.get(), source, {.run = 0}, 0));
    }
    if (is_of_history(source)) {
        return probe_relations(source, relations_of_history(executors.book.get(), source));
    }
    Inputs inputs;
    const Result<Relation> relation = open_source(source, inputs);
    if (!relation) {
        return relation.error();
    }
    config::Card card;
    card.sql = "SELECT * FROM " + sidecar::sql_identifier(source.name) + " LIMIT 1";
    const Result<Table> head =
        executors.engine->compute(card, {}, {&*relation, 1}, std::move(stop));
    const Fingerprint& files = inputs.at(source.name);
    if (!head) {
        return explained(head.error(), source, files);
    }
    Probe probe{files.files, {}};
    for (const sidecar::Column& column : head->columns()) {
        probe.columns.emplace_back(column.name, sidecar::name_of(column.type.id));
    }
    return probe;
}

}  // namespace

Result<Probe> probe(const Executors& executors, const config::Source& source, std::stop_token stop)
{
    Result<Probe> found = probed(executors, source, std::move(stop));
    note_read(executors, source.name, found ? "" : found.error().message);
    return found;
}

}  // namespace gatehouse::app
