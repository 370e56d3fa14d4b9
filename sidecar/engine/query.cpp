#include "sidecar/engine/query.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sidecar/base/sql_scan.h"
#include "sidecar/base/sql_text.h"
#include "sidecar/engine/arguments.h"
#include "sidecar/engine/forbidden.h"
#include "sidecar/engine/types.h"

namespace gatehouse::engine {
namespace {

using sidecar::Column;
using sidecar::sql_identifier;

/// What a result is cast through.
constexpr const char* result_name = "\"result of the card\"";

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

/// One column as DuckDB describes it.
struct Described {
    std::string name;
    LogicalType type;
};

std::vector<Described> described(duckdb_prepared_statement statement)
{
    std::vector<Described> columns;
    for (idx_t i = 0; i < duckdb_prepared_statement_column_count(statement); ++i) {
        // DuckDB declares the name const, but says that it must be freed.
        columns.push_back(
            {take(const_cast<char*>(duckdb_prepared_statement_column_name(statement, i))),
             LogicalType(duckdb_prepared_statement_column_logical_type(statement, i))});
    }
    return columns;
}

std::vector<Described> described(duckdb_result* result)
{
    std::vector<Described> columns;
    for (idx_t i = 0; i < duckdb_column_count(result); ++i) {
        columns.push_back({text_of(duckdb_column_name(result, i)),
                           LogicalType(duckdb_column_logical_type(result, i))});
    }
    return columns;
}

Result<void> check_reads_only(duckdb_prepared_statement statement)
{
    if (duckdb_prepared_statement_type(statement) != DUCKDB_STATEMENT_TYPE_SELECT) {
        return Error{"the SQL must be a query, such as SELECT"};
    }
    return {};
}

Result<void> check_names(const std::vector<Described>& columns)
{
    std::set<std::string> seen;
    for (const Described& column : columns) {
        if (!seen.insert(column.name).second) {
            return Error{"the SQL yields two columns called " + sql_identifier(column.name) +
                         "; rename one with AS"};
        }
    }
    return {};
}

/// The columns that tables know, or the SQL that casts the unknown types among them.
struct Columns {
    std::vector<Column> known;
    std::string placeholders, casts;
    bool all_known = true;
};

Columns columns_of(const std::vector<Described>& described)
{
    Columns columns;
    for (const auto& [name, type] : described) {
        const std::string placeholder = "c" + std::to_string(columns.known.size());
        const char* separator = columns.known.empty() ? "" : ", ";
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

/// Types that depend on parameters are not known before the statement runs.
bool are_open(const std::vector<Described>& columns)
{
    return std::any_of(columns.begin(), columns.end(), [](const Described& column) {
        return duckdb_get_type_id(column.type.get()) == DUCKDB_TYPE_INVALID;
    });
}

Result<Prepared> prepare_and_bind(const Connection& connection, const std::string& sql,
                                  const sidecar::Arguments& arguments)
{
    Result<Prepared> prepared = prepare_only_statement(connection, sql);
    if (!prepared) {
        return prepared;
    }
    if (Result<void> reads = check_reads_only(prepared->get()); !reads) {
        return reads.error();
    }
    if (Result<void> bound = bind(prepared->get(), arguments); !bound) {
        return bound.error();
    }
    return prepared;
}

/// The statement with its columns' names checked, started if there is no other way to see them.
Result<Query> open(const Connection& connection, const std::string& sql,
                   const sidecar::Arguments& arguments, Columns& columns)
{
    Result<Prepared> prepared = prepare_and_bind(connection, sql, arguments);
    if (!prepared) {
        return prepared.error();
    }
    Query query{std::move(*prepared), {}};
    std::vector<Described> found = described(query.statement.get());
    if (are_open(found)) {
        if (Result<void> started = start(query); !started) {
            return started.error();
        }
        found = described(query.result.address());
    }
    if (Result<void> names = check_names(found); !names) {
        return names.error();
    }
    columns = columns_of(found);
    query.columns = columns.known;
    return query;
}

Result<Query> prepare_with_casts(const Connection& connection, const std::string& sql,
                                 const sidecar::Arguments& arguments, const Columns& columns)
{
    const std::string with_casts = "SELECT " + columns.casts + " FROM (" +
                                   std::string(sidecar::without_end(sql)) + "\n) AS " +
                                   result_name + "(" + columns.placeholders + ")";
    Columns cast;
    Result<Query> query = open(connection, with_casts, arguments, cast);
    if (query && !cast.all_known) {
        return Error{"the SQL yields a type that has no JSON form; cast it to VARCHAR"};
    }
    return query;
}

}  // namespace

Result<Query> prepare(const Connection& connection, const std::string& sql,
                      const sidecar::Arguments& arguments)
{
    if (sql.find('\0') != sql.npos) {
        return Error{"the SQL has a NUL character"};
    }
    if (const auto name = forbidden_function(sql); !name.empty()) {
        return Error{"the SQL may not call " + name + "(): it works on DuckDB itself, not on rows"};
    }
    Columns columns;
    Result<Query> query = open(connection, sql, arguments, columns);
    if (!query || columns.all_known) {
        return query;
    }
    query = Error{};  // a connection has one streaming result at a time
    return prepare_with_casts(connection, sql, arguments, columns);
}

Result<void> start(Query& query)
{
    if (query.started) {
        return {};
    }
    query.started = true;
    if (duckdb_execute_prepared_streaming(query.statement.get(), query.result.address()) ==
        DuckDBError) {
        return Error{text_of(duckdb_result_error(query.result.address()))};
    }
    return {};
}

}  // namespace gatehouse::engine
