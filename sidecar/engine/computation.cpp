#include "sidecar/engine/computation.h"

#include <utility>

#include "sidecar/base/sql_text.h"
#include "sidecar/base/table_builder.h"
#include "sidecar/base/units.h"
#include "sidecar/engine/message.h"
#include "sidecar/engine/types.h"

namespace gatehouse::engine {
namespace {

using sidecar::Relation;
using sidecar::sql_identifier;
using sidecar::Table;
using sidecar::TableBuilder;

std::vector<sidecar::Type> types_of(const std::vector<sidecar::Column>& columns)
{
    std::vector<sidecar::Type> types;
    types.reserve(columns.size());
    for (const sidecar::Column& column : columns) {
        types.push_back(column.type);
    }
    return types;
}

std::string quoted_file(std::string_view message)
{
    const auto start = message.find('"');
    const auto end = message.find('"', start + 1);
    return std::string(end == message.npos ? "another file"
                                           : message.substr(start, end + 1 - start));
}

bool contains(std::string_view text, std::string_view part) noexcept
{
    return text.find(part) != text.npos;
}

}  // namespace

Computation::Computation(Session& session, const config::Engine& limits, const config::Card& card,
                         const sidecar::Arguments& arguments, std::span<const Relation> relations,
                         std::stop_token stop)
    : session_(session),
      connection_(session.connection),
      limits_(limits),
      card_(card),
      arguments_(arguments),
      relations_(relations),
      interrupter_(connection_.get(), Interrupter::Clock::now() + card.timeout, std::move(stop))
{
}

/// A catalog that is in use cannot be detached: the connection leaves it first.
Computation::~Computation()
{
    query_.reset();
    if (!catalog_.empty()) {
        (void)execute(connection_, "USE memory");
        (void)execute(connection_, "DETACH " + catalog_);
    }
}

Result<Table> Computation::run(const sidecar::MakeReducer& make_reducer)
{
    const Result<void> prepared = session_.prepared ? go_on() : begin();
    if (!prepared) {
        return prepared.error();
    }
    Result<Table> table = make_reducer ? reduce(make_reducer) : collect();
    if (table && repeatable_ && ++session_.uses < Session::most_uses) {
        leave_prepared();
    }
    return table;
}

/// With what the computation before has left.
Result<void> Computation::go_on()
{
    query_ = std::exchange(session_.prepared, std::nullopt);
    repeatable_ = true;
    for (std::size_t i = 0; i < relations_.size(); ++i) {
        session_.rows.replace(i, relations_[i].rows);
    }
    return {};
}

Result<void> Computation::begin()
{
    if (Result<void> views = create_views(); !views) {
        return views;
    }
    Result<Query> query = prepare(connection_, card_.sql, arguments_);
    if (!query) {
        return explained(query.error().message);
    }
    query_ = std::move(*query);
    repeatable_ = can_be_repeated();
    return {};
}

/// Arguments may change the statement's types. Views of files know the files as they were.
bool Computation::can_be_repeated() const
{
    return arguments_.empty() && !query_->started && !relations_.empty() &&
           !shape_of(relations_).empty();
}

void Computation::leave_prepared()
{
    query_->result = {};
    query_->started = false;
    session_.rows.release();
    session_.prepared = std::move(query_);
    session_.sql = card_.sql;
    session_.shape = shape_of(relations_);
}

Result<void> Computation::create_views()
{
    for (const Relation& relation : relations_) {
        if (Result<void> made = create_view(relation); !made) {
            return blamed(relation, made.error().message);
        }
    }
    return {};
}

Error Computation::blamed(const Relation& relation, const std::string& message)
{
    std::string reason = explained(message).message;
    // Where in our own SQL it failed says nothing to anybody.
    if (const std::string place = place_in_sql(message); reason.ends_with(place)) {
        reason.resize(reason.size() - place.size());
    }
    return {"source \"" + relation.name + "\": " + reason};
}

/// Temporary views have no schemas, and those of the database are seen by every computation: one
/// that needs schemas gets a catalog of its own, in which its SQL looks first.
Result<void> Computation::enter_catalog()
{
    if (!catalog_.empty()) {
        return {};
    }
    const std::string name = "gatehouse_" + std::to_string(session_.rows.connection());
    if (Result<void> attached = execute(connection_, "ATTACH ':memory:' AS " + name); !attached) {
        return attached;
    }
    catalog_ = name;
    return execute(connection_, "USE " + name);
}

Result<void> Computation::create_view(const Relation& relation)
{
    if (relation.rows.empty()) {
        return create_view_of_sql(relation);
    }
    const std::string view = " AS SELECT * FROM " + session_.rows.hold(relation.rows);
    const std::string name = sql_identifier(relation.name);
    if (relation.schema.empty()) {
        return execute(connection_, "CREATE OR REPLACE TEMP VIEW " + name + view);
    }
    const std::string schema = sql_identifier(relation.schema);
    Result<void> done = enter_catalog();
    if (done) {
        done = execute(connection_, "CREATE SCHEMA IF NOT EXISTS " + schema);
    }
    return done ? execute(connection_, "CREATE OR REPLACE VIEW " + schema + "." + name + view)
                : done;
}

Result<void> Computation::create_view_of_sql(const Relation& relation)
{
    const std::string name = sql_identifier(relation.name);
    const std::string start = "CREATE OR REPLACE TEMP VIEW " + name + " AS SELECT * FROM ";
    Result<void> made = execute(connection_, start + relation.sql);
    if (!made || !relation.confirm) {
        return made;
    }
    const Result<Query> query = prepare(connection_, "SELECT * FROM " + name);
    if (!query) {
        return query.error();
    }
    const std::string confirmed = relation.confirm(query->columns);
    return confirmed.empty() ? made : execute(connection_, start + confirmed);
}

/// Runs the query; `take` gets each chunk's views and rows and may end it by an error.
template <class Take>
Result<void> Computation::each_chunk(Take take)
{
    if (Result<void> started = start(*query_); !started) {
        return explained(started.error().message);
    }
    QueryResult& result = query_->result;
    const std::vector<sidecar::Type> types = types_of(query_->columns);
    for (;;) {
        const DataChunk chunk(duckdb_fetch_chunk(result.get()));
        const idx_t rows = chunk.get() != nullptr ? duckdb_data_chunk_get_size(chunk.get()) : 0;
        if (rows == 0) {
            break;
        }
        if (Result<void> taken = take(views_of(chunk.get(), types), rows); !taken) {
            return taken;
        }
    }
    if (const char* error = duckdb_result_error(result.address()); error != nullptr && *error) {
        return explained(error);
    }
    return {};
}

Result<Table> Computation::collect()
{
    TableBuilder builder(query_->columns);
    Result<void> done = each_chunk([&](const auto& views, idx_t rows) {
        builder.append(views, rows);
        return check_size(builder.rows(), builder.bytes());
    });
    return done ? Result<Table>(std::move(builder).finish()) : done.error();
}

Result<Table> Computation::reduce(const sidecar::MakeReducer& make_reducer)
{
    const auto reducer = make_reducer(query_->columns);
    if (!reducer) {
        return reducer.error();
    }
    Result<void> done = each_chunk([&](const auto& views, idx_t rows) {
        Result<void> taken = (*reducer)->append(views, rows);
        return taken ? check_size((*reducer)->rows_held(), (*reducer)->bytes()) : taken;
    });
    return done ? (*reducer)->finish() : done.error();
}

Result<void> Computation::check_size(std::uint64_t rows, std::uint64_t bytes) const
{
    if (rows > card_.max_rows) {
        return Error{"the SQL yields more than " + std::to_string(card_.max_rows) +
                     " rows; aggregate or LIMIT them, or raise the card's \"max_rows\""};
    }
    if (bytes > limits_.memory_limit) {
        return Error{"the rows take more than " + sidecar::format_size(limits_.memory_limit) +
                     "; select less, or raise \"memory_limit\" of \"engine\""};
    }
    return {};
}

Error Computation::explained(const std::string& message)
{
    if (interrupter_.cause() != Interrupter::Cause::none) {
        return interrupted();
    }
    if (contains(message, "database has been invalidated")) {
        damage_ = Damage::done_before;
        return {"DuckDB was stopped by an internal error of another query"};
    }
    if (message.starts_with("INTERNAL Error") || message.starts_with("FATAL Error")) {
        damage_ = Damage::done_here;
        return {"the SQL makes DuckDB fail (" + one_line(message.substr(0, message.find('\n'))) +
                "); write it in another way"};
    }
    if (const std::string_view table = missing_table(message); !table.empty()) {
        return unknown_table(table);
    }
    if (message.starts_with("Out of Memory")) {
        return too_much_memory();
    }
    if (contains(message, "disabled by configuration") ||
        contains(message, "disabled through configuration")) {
        return {"the SQL may read the card's sources only, not " + quoted_file(message)};
    }
    return {one_line(message) + place_in_sql(message)};
}

/// DuckDB's words for its own limit and for that of the process are the same.
Error Computation::too_much_memory() const
{
    return {"needs more memory than \"engine\" allows (\"memory_limit\" " +
            sidecar::format_size(limits_.memory_limit) + ", \"process_memory_limit\" " +
            sidecar::format_size(limits_.process_memory_limit) +
            "); aggregate or filter earlier, raise them, or give \"engine\" a "
            "\"temp_directory\" to spill into"};
}

Error Computation::interrupted() const
{
    if (interrupter_.cause() == Interrupter::Cause::stop) {
        return {"was stopped before it was done"};
    }
    return {"took longer than its \"timeout\" of " + sidecar::format_duration(card_.timeout) +
            "; have it compute less, or raise it"};
}

Error Computation::unknown_table(std::string_view name) const
{
    std::string message = "the SQL reads \"" + std::string(name) + "\", but the card's ";
    if (relations_.empty()) {
        return {message + "list of sources is empty"};
    }
    message += relations_.size() == 1 ? "only source is " : "sources are ";
    for (const Relation& relation : relations_) {
        message += (&relation == &relations_.front() ? "\"" : ", \"") + relation.name + "\"";
    }
    return {message};
}

}  // namespace gatehouse::engine
