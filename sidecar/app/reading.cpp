#include "sidecar/app/reading.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <thread>

#include "sidecar/app/history_source.h"
#include "sidecar/app/run_source.h"
#include "sidecar/base/gather.h"
#include "sidecar/databases/own_relation.h"
#include "sidecar/steps/steps.h"

namespace gatehouse::app {

using sidecar::Relation;
using sidecar::Table;
using sources::Fingerprint;

databases::Job job_for(const config::Config& config, const config::Card& card,
                       const std::stop_token& stop)
{
    return {databases::Clock::now() + card.timeout, card.max_rows, config.engine.memory_limit,
            stop};
}

Result<Relation> open_source(const config::Source& source, Inputs& inputs, HeldFiles* held)
{
    Fingerprint& seen = inputs[source.name];
    Result<Fingerprint> files = sources::fingerprint(source);
    if (!files) {
        return of_source(source.name, files.error());
    }
    seen = std::move(*files);
    if (auto known = held != nullptr ? held->find(source.name, seen) : std::nullopt) {
        return std::move(*known);
    }
    Result<Relation> relation = sources::relation(source, seen);
    if (!relation) {
        return of_source(source.name, relation.error());
    }
    if (held != nullptr) {
        held->put(source.name, seen, *relation);
    }
    return relation;
}

namespace {

/// A writer that is done within some hundred milliseconds costs one or two attempts.
constexpr int most_attempts = 4;
constexpr std::chrono::milliseconds first_pause{50};

/// What the database was like, for `inputs`. It need not be reachable.
void note_mark(databases::Database& database, sources::Fingerprint& seen)
{
    const Result<std::optional<std::string>> mark = database.mark();
    seen.mark = mark ? mark->value_or("") : "";
}

/// The database's tables that the SQL names, as relations in a schema called as the source is.
Result<void> load_tables(databases::Database& database, const config::Config& config,
                         const config::Source& source, const config::Card& card,
                         const std::stop_token& stop, std::vector<Relation>& to)
{
    const auto named = databases::tables_named(card.sql, source);
    if (!named) {
        return of_source(source.name, named.error());
    }
    const std::vector<std::string>& tables = *named;
    if (tables.empty()) {
        return of_source(source.name, {"the SQL names none of its tables; write " + source.name +
                                       ".table, or give the source a \"table\" or \"query\""});
    }
    databases::Job job = job_for(config, card, stop);
    job.max_rows = std::numeric_limits<std::uint64_t>::max();  // of a table; max_rows is a result's
    Result<std::vector<Table>> loaded = database.load(tables, job);
    if (!loaded) {
        return of_source(source.name, loaded.error());
    }
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const bool own = tables[i].empty();
        if ((*loaded)[i].columns().empty()) {
            return of_source(source.name,
                             {(own ? "its rows have" : "its table \"" + tables[i] + "\" has") +
                              std::string(" no columns")});
        }
        to.push_back({.name = own ? source.name : tables[i],
                      .rows = {std::move((*loaded)[i])},
                      .schema = own ? "" : source.name});
    }
    return {};
}

/// The run whose rows alone the card reads, by its argument.
std::optional<std::int64_t> run_asked_for(const config::Card& card,
                                          const sidecar::Arguments& arguments)
{
    for (const auto& argument : arguments) {
        if (argument.name == card.run && !card.run.empty()) {
            const auto* number = std::get_if<std::int64_t>(&argument.value);
            return number == nullptr ? std::nullopt : std::optional{*number};
        }
    }
    return std::nullopt;
}

Result<void> add_runs(const config::Source& source, const config::Card& card, Work& work,
                      std::vector<Relation>& to)
{
    auto* runs = work.executors.runs.get();
    Result<Fingerprint> revision = fingerprint_of_runs(runs, source);
    if (!revision) {
        return of_source(source.name, revision.error());
    }
    work.inputs[source.name] = std::move(*revision);
    auto selection = selection_for(card.sql, source);
    selection.run = run_asked_for(card, work.arguments);
    auto relations = relations_of_runs(runs, source, selection, work.config.engine.memory_limit);
    if (!relations) {
        return of_source(source.name, relations.error());
    }
    std::move(relations->begin(), relations->end(), std::back_inserter(to));
    return {};
}

/// The file may grow meanwhile: what was read of it are whole lines of one moment.
Result<void> add_growing(const config::Source& source, GrowingFile& file, const config::Card& card,
                         Work& work, std::vector<Relation>& to)
{
    const auto query = [&](const std::string& sql, const Relation& piece) {
        config::Card whole;
        whole.sql = sql;
        whole.timeout = card.timeout;
        whole.max_rows = std::numeric_limits<std::uint64_t>::max();
        return work.executors.engine->compute(whole, {}, {&piece, 1}, work.stop);
    };
    Fingerprint& seen = work.inputs[source.name];
    if (auto before = sources::fingerprint(source)) {
        seen = std::move(*before);  // what is wrong now may not be wrong with a later one
    }
    auto read = file.read(source, query, work.config.engine.memory_limit);
    if (work.stop.stop_requested()) {
        return Error{"was stopped before it was done"};
    }
    if (!read) {
        return explained(of_source(source.name, read.error()), source, seen);
    }
    seen.files = {std::move(read->file)};
    to.push_back(
        {.name = source.name, .files = file.may_open(source), .rows = std::move(read->rows)});
    return {};
}

/// The source's cache, or else its files. A card does not wait for a cache longer than it may take.
Result<Relation> open_files(const config::Source& source, const config::Card& card, Work& work)
{
    if (source.cache && work.executors.caching) {
        const auto until = std::chrono::steady_clock::now() + card.timeout;
        if (!work.executors.caching->store.wait_made(source.name, until, work.stop)) {
            return of_source(source.name, {"its cache is still being made; \"gatehousectl status\" "
                                           "says how far it is"});
        }
        const Result<Fingerprint> files = sources::fingerprint(source);
        Result<Relation> cached =
            files ? cached_relation(*work.executors.caching, work.config.engine, source, *files)
                  : files.error();
        if (cached) {
            work.inputs[source.name] = *files;
            return cached;
        }
    }
    Result<Relation> direct = open_source(source, work.inputs, work.executors.held_files.get());
    const auto files = progress_files(work.inputs[source.name]);
    work.read_directly.insert(work.read_directly.end(), files.begin(), files.end());
    return direct;
}

Result<void> add_history(const config::Source& source, const config::Card& card, Work& work,
                         std::vector<Relation>& to)
{
    history::Book* book = work.executors.book.get();
    work.inputs[source.name] = fingerprint_of_history(book, source);
    auto relations = relations_of_history(book, source, card.sql);
    if (!relations) {
        return of_source(source.name, relations.error());
    }
    std::move(relations->begin(), relations->end(), std::back_inserter(to));
    return {};
}

Result<void> add_source(const std::string& name, const config::Card& card, Work& work,
                        std::vector<Relation>& to)
{
    const auto source = work.config.sources.find(name);
    if (source == work.config.sources.end()) {
        return of_source(name, {"is not declared"});
    }
    const auto database = work.executors.databases.find(name);
    if (database != work.executors.databases.end()) {
        note_mark(*database->second, work.inputs[name]);
        return load_tables(*database->second, work.config, source->second, card, work.stop, to);
    }
    if (const auto file = work.executors.growing.find(name); file != work.executors.growing.end()) {
        return add_growing(source->second, *file->second, card, work, to);
    }
    if (is_runs(source->second)) {
        work.inputs[name] = {};
        return add_runs(source->second, card, work, to);
    }
    if (is_of_caches(source->second) && work.executors.caching) {
        work.inputs[name] = fingerprint_of_caches(*work.executors.caching);
        to.push_back(relation_of_caches(*work.executors.caching, source->second));
        return {};
    }
    if (is_of_history(source->second)) {
        return add_history(source->second, card, work, to);
    }
    Result<Relation> one = open_files(source->second, card, work);
    if (!one) {
        return one.error();
    }
    to.push_back(std::move(*one));
    return {};
}

/// The table of a card that another one reads: held, or else computed now.
Result<void> add_card(const std::string& name, Work& work, std::vector<Relation>& to)
{
    std::string& seen = work.inner[name];
    auto held = work.tables->find(name);
    if (!held.error.empty()) {
        return Error{"card \"" + name + "\": " + held.error};
    }
    if (!held.table) {
        const config::Card& card = work.config.cards.at(name);
        Work within{work.executors, work.config, no_arguments, work.stop, work.tables};
        Result<Table> table = table_of(within, card);
        if (!table) {
            return Error{"card \"" + name + "\": " + table.error().message};
        }
        held.version = version_of(card, *table);
        work.tables->put(name, held.version, *table);
        held.table = std::move(*table);
    }
    seen = held.version;
    to.push_back(Relation{.name = name, .rows = {std::move(*held.table)}});
    return {};
}

/// The first error, but every source and card is looked at.
Result<std::vector<Relation>> open_relations(const config::Card& card, Work& work)
{
    std::vector<Relation> relations;
    Result<void> all;
    for (const std::string& name : card.sources) {
        Result<void> added = add_source(name, card, work, relations);
        if (!added) {
            note_read(work.executors, name, added.error().message);
        }
        if (!added && all) {
            all = added;
        }
    }
    for (const std::string& name : card.cards) {
        if (Result<void> added = add_card(name, work, relations); !added && all) {
            all = added;
        }
    }
    if (!all) {
        return all.error();
    }
    return relations;
}

Error explained_by(const config::Config& config, const Inputs& inputs, Error error)
{
    for (const auto& [name, files] : inputs) {
        error = explained(std::move(error), config.sources.at(name), files);
    }
    return error;
}

void wait(std::chrono::milliseconds pause, const std::stop_token& stop)
{
    const auto end = std::chrono::steady_clock::now() + pause;
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

/// A table or an error, and whether the sources stood still meanwhile.
struct Reading {
    Result<Table> table;
    bool steady = true;
};

Result<Table> read_from(databases::Database& database, const config::Card& card, Work& work)
{
    const std::string& name = card.sources.front();
    if (work.marks) {
        note_mark(database, work.inputs[name]);
    }
    Result<Table> table =
        database.query(card.sql, work.arguments, job_for(work.config, card, work.stop));
    return table ? std::move(table) : of_source(name, table.error());
}

/// The rows as the engine would have fed them to the reducer.
Result<Table> reduced(Result<Table> table, const sidecar::MakeReducer& make_reducer)
{
    if (!table || !make_reducer) {
        return table;
    }
    Result<std::unique_ptr<sidecar::Reducer>> reducer = make_reducer(table->columns());
    if (!reducer) {
        return reducer.error();
    }
    const Result<void> taken = (*reducer)->append(sidecar::views_of(*table), table->rows());
    return taken ? (*reducer)->finish() : taken.error();
}

Reading read_once(Work& work, const config::Card& card, const sidecar::MakeReducer& make_reducer)
{
    work.inputs.clear();
    work.inner.clear();
    work.read_directly.clear();
    if (databases::Database* own = work.executors.own_database(card)) {
        return {reduced(read_from(*own, card, work), make_reducer)};
    }
    const Result<std::vector<Relation>> relations = open_relations(card, work);
    if (!relations) {
        return {relations.error()};
    }
    if (work.running != nullptr) {
        work.running->reads(work.read_directly);
    }
    Result<Table> table =
        work.executors.engine->compute(card, work.arguments, *relations, work.stop, make_reducer);
    if (!stood_still(work) || (!table && blames_a_cache(work, table.error()))) {
        return {std::move(table), false};
    }
    if (!table) {
        return {explained_by(work.config, work.inputs, table.error())};
    }
    return {std::move(table)};
}

Result<Table> read_steadily(Work& work, const config::Card& card,
                            const sidecar::MakeReducer& make_reducer)
{
    auto pause = first_pause;
    for (int i = 0; i < most_attempts && !work.stop.stop_requested(); ++i, pause *= 3) {
        if (i > 0) {
            wait(pause, work.stop);
        }
        Reading reading = read_once(work, card, make_reducer);
        if (reading.steady) {
            note_reads(work.executors, card, reading.table ? "" : reading.table.error().message);
            return std::move(reading.table);
        }
    }
    return Error{work.stop.stop_requested()
                     ? "was stopped before it was done"
                     : "its sources changed each time they were read; write them less often, or, "
                       "if they are written in place, under another name and rename them"};
}

}  // namespace

Result<Table> table_of(Work& work, const config::Card& card)
{
    const sidecar::MakeReducer reducer = steps::reducer_of(card.steps);
    Result<Table> table = read_steadily(work, card, reducer);
    // A reducer has run all the steps while the rows were read.
    return table && !reducer ? steps::apply(card.steps, std::move(*table)) : table;
}

Result<Table> read_rows(const Executors& executors, const config::Config& config,
                        const config::Card& card, const sidecar::Arguments& arguments,
                        const std::stop_token& stop, Origin& origin, CardTables* tables,
                        const sidecar::MakeReducer& make_reducer)
{
    Work work{executors, config, arguments, stop, tables};
    work.marks = yields_the_same(executors, card);
    Result<Table> table = read_steadily(work, card, make_reducer);
    origin = {std::move(work.inputs), std::move(work.inner)};
    return table;
}

}  // namespace gatehouse::app
