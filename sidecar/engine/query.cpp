#include "sidecar/engine/query.h"

#include <set>
#include <utility>

#include "sidecar/base/sql_text.h"
#include "sidecar/engine/instance.h"
#include "sidecar/engine/types.h"

namespace gatehouse::engine {
namespace {

using sidecar::Column;
using sidecar::sql_identifier;

/// The view that a result is cast through; no source can be called so.
constexpr const char* result_view = "\"result of the card\"";

Result<Prepared> prepare_only_statement(const Connection& connection, const std::string& sql)
{
    Statements statements;
    const idx_t count =
        duckdb_extract_statements(connection.get(), sql.c_str(), statements.address());
    if (const char* error = duckdb_extract_statements_error(statements.get())) {
        return Error{error};
    }
    if (count != 1) {
        return Error{count == 0
                         ? "the SQL has no statement"
                         : "the SQL must be one statement, but has " + std::to_string(count)};
    }
    Prepared prepared;
    if (duckdb_prepare_extracted_statement(connection.get(), statements.get(), 0,
                                           prepared.address()) == DuckDBError) {
        return Error{text_of(duckdb_prepare_error(prepared.get()))};
    }
    return prepared;
}

Result<void> check_reads_only(duckdb_prepared_statement statement)
{
    if (duckdb_prepared_statement_type(statement) != DUCKDB_STATEMENT_TYPE_SELECT) {
        return Error{"the SQL must be a query, such as SELECT"};
    }
    if (duckdb_nparams(statement) != 0) {
        return Error{"the SQL has parameters, which a card cannot give"};
    }
    return {};
}

std::string column_name(duckdb_prepared_statement statement, idx_t index)
{
    // DuckDB declares the name const, but says that it must be freed.
    return take(const_cast<char*>(duckdb_prepared_statement_column_name(statement, index)));
}

Result<void> check_names(duckdb_prepared_statement statement)
{
    std::set<std::string> seen;
    const idx_t count = duckdb_prepared_statement_column_count(statement);
    for (idx_t i = 0; i < count; ++i) {
        std::string name = column_name(statement, i);
        if (!seen.insert(name).second) {
            return Error{"the SQL yields two columns called " + sql_identifier(name) +
                         "; rename one with AS"};
        }
    }
    return {};
}

LogicalType column_type(duckdb_prepared_statement statement, idx_t index)
{
    return LogicalType(duckdb_prepared_statement_column_logical_type(statement, index));
}

/// The statement's columns, or the SQL that casts the unknown types among them.
struct Columns {
    std::vector<Column> known;
    std::string placeholders, casts;
    bool all_known = true;
};

Columns columns_of(duckdb_prepared_statement statement)
{
    Columns columns;
    const idx_t count = duckdb_prepared_statement_column_count(statement);
    for (idx_t i = 0; i < count; ++i) {
        const LogicalType type = column_type(statement, i);
        const std::string name = column_name(statement, i);
        const std::string placeholder = "c" + std::to_string(i);
        const char* separator = i == 0 ? "" : ", ";
        std::optional<sidecar::Type> known = table_type(type.get());
        columns.all_known = columns.all_known && known.has_value();
        columns.placeholders += separator + placeholder;
        columns.casts +=
            separator + (known ? placeholder
                               : "CAST(" + placeholder + " AS " + known_type_sql(type.get()) + ")");
        columns.casts += " AS " + sql_identifier(name);
        columns.known.push_back({name, std::move(known).value_or(sidecar::Type{})});
    }
    return columns;
}

Result<Query> prepare_with_casts(const Connection& connection, const std::string& sql,
                                 const Columns& columns)
{
    const std::string view =
        "CREATE TEMP VIEW " + std::string(result_view) + "(" + columns.placeholders + ") AS " + sql;
    if (Result<void> made = execute(connection, view); !made) {
        return made.error();
    }
    Result<Prepared> prepared =
        prepare_only_statement(connection, "SELECT " + columns.casts + " FROM " + result_view);
    if (!prepared) {
        return prepared.error();
    }
    Columns cast = columns_of(prepared->get());
    if (!cast.all_known) {
        return Error{"the SQL yields a type that has no JSON form; cast it to VARCHAR"};
    }
    return Query{std::move(*prepared), std::move(cast.known)};
}

}  // namespace

Result<Query> prepare(const Connection& connection, const std::string& sql)
{
    if (sql.find('\0') != sql.npos) {
        return Error{"the SQL has a NUL character"};
    }
    Result<Prepared> prepared = prepare_only_statement(connection, sql);
    if (!prepared) {
        return prepared.error();
    }
    if (Result<void> reads = check_reads_only(prepared->get()); !reads) {
        return reads.error();
    }
    if (Result<void> names = check_names(prepared->get()); !names) {
        return names.error();
    }
    Columns columns = columns_of(prepared->get());
    if (columns.all_known) {
        return Query{std::move(*prepared), std::move(columns.known)};
    }
    return prepare_with_casts(connection, sql, columns);
}

}  // namespace gatehouse::engine
