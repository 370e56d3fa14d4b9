// A card's SQL: prepared once on a connection, then run in one round trip each time.
#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "sidecar/base/sql_text.h"
#include "sidecar/databases/postgres_connection.h"
#include "sidecar/databases/postgres_table.h"

namespace gatehouse::databases {
namespace {

using sidecar::Table;

constexpr std::size_t most_statements = 64;
constexpr int binary = 1;

struct ArgumentText {
    std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
    std::optional<std::string> operator()(bool value) const { return value ? "true" : "false"; }
    std::optional<std::string> operator()(std::int64_t value) const
    {
        return std::to_string(value);
    }
    std::optional<std::string> operator()(double value) const
    {
        std::array<char, 32> buffer{};
        const int size = std::snprintf(buffer.data(), buffer.size(), "%.17g", value);
        return std::string(buffer.data(), static_cast<std::size_t>(size));
    }
    std::optional<std::string> operator()(const std::string& value) const { return value; }
};

/// Each parameter's value as text, which the server reads by the type that it has found for it.
Result<PostgresConnection::Values> values_of(const std::vector<std::string>& names,
                                             const sidecar::Arguments& arguments)
{
    PostgresConnection::Values values;
    for (const std::string& name : names) {
        const auto argument =
            std::find_if(arguments.begin(), arguments.end(),
                         [&](const sidecar::Argument& one) { return one.name == name; });
        if (argument == arguments.end()) {
            return sidecar::no_argument(name);
        }
        values.push_back(std::visit(ArgumentText{}, argument->value));
    }
    return values;
}

/// The schema may change between a statement's description and its preparation.
bool yields(const PGresult* rows, const std::vector<Oid>& oids)
{
    int column = 0;
    return static_cast<std::size_t>(PQnfields(rows)) == oids.size() &&
           std::all_of(oids.begin(), oids.end(),
                       [&](Oid oid) { return PQftype(rows, column++) == oid; });
}

}  // namespace

/// Under an empty name it lasts until the next one.
Result<void> PostgresConnection::prepare(const std::string& name, const std::string& sql,
                                         const Job& job)
{
    if (PQsendPrepare(connection_, name.c_str(), sql.c_str(), 0, nullptr) == 0) {
        return failure();
    }
    const Result<PgResult> made = only_result(job);
    return made ? Result<void>{} : made.error();
}

Result<const PostgresConnection::Statement*> PostgresConnection::prepared(const std::string& sql,
                                                                          const Job& job)
{
    if (const auto known = statements_.find(sql); known != statements_.end()) {
        return &known->second;
    }
    if (statements_.size() >= most_statements) {
        if (Result<void> gone = run("DEALLOCATE ALL", job); !gone) {
            return gone.error();
        }
        statements_.clear();
    }
    Result<Statement> made = described(sql, job);
    if (!made) {
        return made.error();
    }
    made->name = "gatehouse_" + std::to_string(next_name_++);
    if (Result<void> done = prepare(made->name, made->text, job); !done) {
        return done.error();
    }
    return &statements_.emplace(sql, std::move(*made)).first->second;
}

/// What the SQL takes and yields. To find that out it is prepared without a name, so that whatever
/// comes of it leaves nothing behind at the server.
Result<PostgresConnection::Statement> PostgresConnection::described(const std::string& sql,
                                                                    const Job& job)
{
    Result<NumberedSql> statement = numbered(sql);
    if (!statement) {
        return statement.error();
    }
    if (Result<void> done = prepare("", statement->sql, job); !done) {
        return done.error();
    }
    if (PQsendDescribePrepared(connection_, "") == 0) {
        return failure();
    }
    const Result<PgResult> result = only_result(job);
    if (!result) {
        return result.error();
    }
    Statement made{{}, statement->sql, statement->parameters, {}, {}, {}};
    std::string casts, placeholders;
    bool all_known = true;
    for (int i = 0; i < PQnfields(result->get()); ++i) {
        const std::string name = PQfname(result->get(), i);
        const Oid oid = PQftype(result->get(), i);
        const auto type = type_of(oid, PQfmod(result->get(), i));
        for (const sidecar::Column& other : made.columns) {
            if (other.name == name) {
                return Error{"the SQL yields two columns called " + sidecar::sql_identifier(name) +
                             "; rename one with AS"};
            }
        }
        const std::string placeholder = "c" + std::to_string(i);
        casts += (i == 0 ? "" : ", ") + (type ? placeholder : as_text(placeholder, oid)) + " AS " +
                 sidecar::sql_identifier(name);
        placeholders += (i == 0 ? "" : ", ") + placeholder;
        all_known = all_known && type.has_value();
        made.columns.push_back({name, type.value_or(sidecar::Type{.id = sidecar::TypeId::text})});
        made.oids.push_back(type ? oid : Oid{25});
        made.made_of.push_back(oid);
    }
    if (!all_known) {
        made.text = "SELECT " + casts + " FROM (" + statement->sql +
                    "\n) AS \"result of the card\"(" + placeholders + ")";
    }
    return made;
}

Result<Table> PostgresConnection::query(const std::string& sql, const sidecar::Arguments& arguments,
                                        const Job& job)
{
    for (int attempt = 1;; ++attempt) {
        Result<const Statement*> statement = prepared(sql, job);
        if (!statement) {
            return statement.error();
        }
        Result<Table> table = run_prepared(**statement, arguments, job);
        // The schema changed since it was prepared: once more, prepared anew.
        const bool outdated =
            !table && (table.error().message.starts_with("cached plan must not change") ||
                       table.error().message.ends_with("does not exist"));
        if (!outdated || is_broken() || attempt == 2) {
            return table;
        }
        // An error of the server's says that it is not there.
        const std::string name = statements_.extract(sql).mapped().name;
        if (Result<void> gone = run(("DEALLOCATE " + name).c_str(), job); is_broken()) {
            return gone.error();
        }
    }
}

Result<Table> PostgresConnection::run_prepared(const Statement& statement,
                                               const sidecar::Arguments& arguments, const Job& job)
{
    const auto values = values_of(statement.parameters, arguments);
    if (!values) {
        return values.error();
    }
    if (!send_in_transaction(statement, *values)) {
        given_up_ = true;
        return failure();
    }
    const Result<PgResult> begun = only_result(job);
    PQsetSingleRowMode(connection_);
    Result<Table> table = begun ? collect(statement, job) : begun.error();
    leave_pipeline(job);
    return table;
}

/// What begins and ends the transaction goes along with the statement: the server works all off in
/// order, in one round trip, and skips what follows an error.
bool PostgresConnection::send_in_transaction(const Statement& statement, const Values& values)
{
    const auto send = [this](const char* sql) {
        return PQsendQueryParams(connection_, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
    };
    std::vector<const char*> texts;
    for (const auto& value : values) {
        texts.push_back(value ? value->c_str() : nullptr);
    }
    return PQenterPipelineMode(connection_) == 1 && send("BEGIN READ ONLY") &&
           PQsendQueryPrepared(connection_, statement.name.c_str(), static_cast<int>(texts.size()),
                               texts.data(), nullptr, nullptr, binary) == 1 &&
           send("ROLLBACK") && PQpipelineSync(connection_) == 1;
}

/// Takes what is left of the results. After an error the transaction is still there.
void PostgresConnection::leave_pipeline(const Job& job)
{
    for (bool at_end = false; !at_end && !given_up_ && !is_lost();) {
        const Result<PgResult> next = next_result(job);
        if (!next) {
            return;
        }
        at_end = *next && PQresultStatus(next->get()) == PGRES_PIPELINE_SYNC;
    }
    if (given_up_ || is_lost()) {
        return;
    }
    given_up_ = PQexitPipelineMode(connection_) == 0;
    if (!given_up_ && PQtransactionStatus(connection_) != PQTRANS_IDLE) {
        given_up_ = !run("ROLLBACK", job);
    }
}

Result<Table> PostgresConnection::collect(const Statement& statement, const Job& job)
{
    PostgresTable table(statement.columns, statement.oids);
    for (;;) {
        const Result<PgResult> next = next_result(job);
        if (!next) {
            return next.error();
        }
        if (*next == nullptr) {
            return std::move(table).finish();
        }
        const PGresult* rows = next->get();
        const ExecStatusType status = PQresultStatus(rows);
        if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
            return failure(rows);
        }
        if (!yields(rows, statement.oids)) {
            return Error{"cached plan must not change result type"};
        }
        for (int row = 0; row < PQntuples(rows); ++row) {
            for (int i = 0; i < PQnfields(rows); ++i) {
                std::optional<std::string_view> value;
                if (PQgetisnull(rows, row, i) == 0) {
                    value.emplace(PQgetvalue(rows, row, i),
                                  static_cast<std::size_t>(PQgetlength(rows, row, i)));
                }
                if (Result<void> added = table.add(static_cast<std::size_t>(i), value); !added) {
                    cancel();
                    return added.error();
                }
            }
            if (Result<void> fits = table.end_row(job); !fits) {
                cancel();
                return fits.error();
            }
        }
    }
}

}  // namespace gatehouse::databases
