#include "sidecar/engine/ingest.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "sidecar/base/sql_text.h"
#include "sidecar/engine/computation.h"
#include "sidecar/engine/instance.h"
#include "sidecar/engine/interrupter.h"
#include "sidecar/engine/message.h"
#include "sidecar/engine/session.h"

namespace gatehouse::engine {
namespace {

using sidecar::sql_identifier;
using sidecar::sql_literal;
using sidecar::SqlColumns;
using sidecar::Table;

/// Of the few types that data are kept in.
std::string kept_type(const std::string& type)
{
    static const std::set<std::string> whole{"TINYINT",  "SMALLINT",  "INTEGER",
                                             "UTINYINT", "USMALLINT", "UINTEGER"};
    if (whole.contains(type)) {
        return "BIGINT";
    }
    if (type == "FLOAT") {
        return "DOUBLE";
    }
    return type == "JSON" || type == "\"NULL\"" || type.starts_with("ENUM") ? "VARCHAR" : type;
}

/// Of those that sidecar/base/table_bytes.h keeps.
std::string run_type(const std::string& type)
{
    static const std::set<std::string> kept{"BOOLEAN", "BIGINT", "DOUBLE", "VARCHAR", "DATE"};
    auto found = kept_type(type);
    if (kept.contains(found)) {
        return found;
    }
    if (found.starts_with("TIMESTAMP")) {
        return "TIMESTAMP";
    }
    const bool number =
        found.starts_with("DECIMAL") || found.ends_with("HUGEINT") || found == "UBIGINT";
    return number ? "DOUBLE" : "VARCHAR";
}

/// Whether every value of one type is one of the other.
bool widens(const std::string& from, const std::string& to)
{
    return to == "DOUBLE" && from == "BIGINT";
}

/// One upload on one session; the view of it is made by the first query.
class Reading {
public:
    Reading(Session& session, const Ingest& ingest)
        : session_(session), ingest_(ingest), relation_(ingest.relation)
    {
        relation_.rows.clear();  // those do not outlast the first query
    }

    /// What the columns are to be, in order.
    Result<SqlColumns> columns()
    {
        auto found = described(name());
        if (!found) {
            return found;
        }
        for (auto& column : *found) {
            column.second = kept_type(column.second);
        }
        return ingest_.expected.empty() ? std::move(found) : fitted(*found);
    }

    /// The columns of what follows FROM.
    Result<SqlColumns> described(const std::string& from)
    {
        const auto table =
            query("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + from + ")");
        if (!table) {
            return table.error();
        }
        SqlColumns found;
        for (std::uint64_t row = 0; row < table->rows(); ++row) {
            found.emplace_back(cell(*table, 0, row), cell(*table, 1, row));
        }
        return found;
    }

    /// The rows with these columns.
    std::string select(const SqlColumns& columns) const
    {
        std::string sql = "SELECT ";
        const char* separator = "";
        for (const auto& [column, type] : columns) {
            const auto quoted = sql_identifier(column);
            sql.append(separator).append("CAST(").append(quoted).append(" AS ").append(type);
            sql.append(") AS ").append(quoted);
            separator = ", ";
        }
        return sql + " FROM " + name();
    }

    Result<Table> query(const std::string& sql, std::uint64_t most_rows = 100'000)
    {
        config::Card card;
        card.sql = sql;
        card.timeout = ingest_.timeout;
        card.max_rows = most_rows;
        return Computation(session_, ingest_.limits, card, {}, {&relation_, 1}, ingest_.stop).run();
    }

    std::string name() const { return sql_identifier(ingest_.relation.name); }

private:
    static std::string cell(const Table& table, std::size_t column, std::uint64_t row)
    {
        return std::string{table.vector(column).cell<sidecar::Text>(table.position(row)).view()};
    }

    Result<SqlColumns> fitted(const SqlColumns& found)
    {
        std::map<std::string, std::string> types(found.begin(), found.end());
        for (const auto& [column, type] : ingest_.expected) {
            const auto its = types.find(column);
            if (its == types.end()) {
                return Error{"the column " + sql_identifier(column) + " is missing"};
            }
            if (auto fits = fits_in(column, its->second, type); !fits) {
                return fits.error();
            }
            types.erase(its);
        }
        if (!types.empty()) {
            return Error{"the column " + sql_identifier(types.begin()->first) +
                         " is none of the dataset's"};
        }
        return ingest_.expected;
    }

    Result<void> fits_in(const std::string& column, const std::string& found,
                         const std::string& wanted)
    {
        const auto kept = kept_type(wanted);
        if (found == kept || widens(found, kept)) {
            return {};
        }
        const auto filled =
            query("SELECT count(" + sql_identifier(column) + ")::BIGINT FROM " + name());
        if (!filled) {
            return filled.error();
        }
        if (filled->vector(0).cell<std::int64_t>(0) == 0) {
            return {};
        }
        return Error{"the column " + sql_identifier(column) + " is " + found +
                     ", but in this dataset it is " + wanted};
    }

    Session& session_;
    const Ingest& ingest_;
    sidecar::Relation relation_;
};

Result<std::unique_ptr<Session>> session_for(const Ingest& ingest, const std::string& out = {})
{
    std::set<std::string> files(ingest.relation.files.begin(), ingest.relation.files.end());
    if (!out.empty()) {
        files.insert(out);
    }
    auto instance = Instance::open(ingest.limits, std::move(files));
    return instance ? Session::open(std::move(*instance)) : instance.error();
}

Result<void> copy_out(const Connection& connection, const Ingest& ingest, const std::string& select,
                      const std::string& out)
{
    const Interrupter interrupter(connection.get(), Interrupter::Clock::now() + ingest.timeout,
                                  ingest.stop);
    auto done = execute(connection, "COPY (" + select + ") TO " + sql_literal(out) +
                                        " (FORMAT parquet, COMPRESSION zstd)");
    if (done || interrupter.cause() == Interrupter::Cause::none) {
        return done ? std::move(done) : Error{one_line(done.error().message)};
    }
    return Error{"took too long to be read"};
}

Result<std::uint64_t> rows_in(const Connection& connection, const std::string& file)
{
    QueryResult result;
    const auto sql = "SELECT count(*)::BIGINT FROM read_parquet(" + sql_literal(file) + ")";
    if (duckdb_query(connection.get(), sql.c_str(), result.address()) == DuckDBError) {
        return Error{one_line(text_of(duckdb_result_error(result.address())))};
    }
    const DataChunk chunk(duckdb_fetch_chunk(result.get()));
    const auto* cells = static_cast<const std::int64_t*>(
        duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 0)));
    return static_cast<std::uint64_t>(*cells);
}

}  // namespace

Result<Ingested> to_parquet(const Ingest& ingest, const std::string& out)
{
    const auto session = session_for(ingest, out);
    if (!session) {
        return session.error();
    }
    Reading reading(**session, ingest);
    auto columns = reading.columns();
    if (!columns) {
        return columns.error();
    }
    if (auto copied = copy_out((*session)->connection, ingest, reading.select(*columns), out);
        !copied) {
        return copied.error();
    }
    const auto rows = rows_in((*session)->connection, out);
    return rows ? Result<Ingested>{Ingested{*rows, std::move(*columns)}} : rows.error();
}

Result<std::uint64_t> copy_to_parquet(const Ingest& ingest, const std::string& out)
{
    const auto session = session_for(ingest, out);
    if (!session) {
        return session.error();
    }
    Reading reading(**session, ingest);
    const auto columns = reading.described(reading.name());
    if (!columns) {
        return columns.error();
    }
    if (auto copied =
            copy_out((*session)->connection, ingest, "SELECT * FROM " + reading.name(), out);
        !copied) {
        return copied.error();
    }
    const auto kept = reading.described("read_parquet(" + sql_literal(out) + ")");
    if (!kept) {
        return kept.error();
    }
    for (std::size_t i = 0; i < columns->size(); ++i) {
        const auto& [name, type] = (*columns)[i];
        if ((*kept)[i].second != type) {
            return Error{"the column " + sql_identifier(name) + " is " + type +
                         ", which Parquet does not keep"};
        }
    }
    return rows_in((*session)->connection, out);
}

Result<IngestedTable> to_table(const Ingest& ingest, std::uint64_t most_rows)
{
    const auto session = session_for(ingest);
    if (!session) {
        return session.error();
    }
    Reading reading(**session, ingest);
    auto columns = reading.columns();
    if (!columns) {
        return columns.error();
    }
    for (auto& column : *columns) {
        column.second = run_type(column.second);
    }
    auto table = reading.query(reading.select(*columns), most_rows);
    return table ? Result<IngestedTable>{IngestedTable{std::move(*table), std::move(*columns)}}
                 : table.error();
}

}  // namespace gatehouse::engine
