#include "sidecar/base/postgres_database.h"

#include <endian.h>
#include <libpq-fe.h>

#include <bit>
#include <cstring>
#include <optional>

namespace gatehouse::sidecar {

namespace {

constexpr Oid bytea_type = 17;
constexpr Oid int8_type = 20;
constexpr Oid text_type = 25;
constexpr Oid float8_type = 701;

struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

/// The first line: what follows says where in the SQL, which is ours.
Error error_of(const char* message)
{
    std::string text{message};
    text.resize(std::min(text.find('\n'), text.size()));
    return Error{"PostgreSQL: " + (text.empty() ? "no answer" : text)};
}

/// Values in the binary form of their types.
class Parameters {
public:
    explicit Parameters(const std::vector<SqlValue>& values)
    {
        numbers_.reserve(values.size());  // pointed into
        for (const auto& value : values) {
            std::visit(*this, value);
        }
    }

    void operator()(std::monostate) { add(0, nullptr, 0); }
    void operator()(std::int64_t number) { add(int8_type, static_cast<std::uint64_t>(number)); }
    void operator()(double number) { add(float8_type, std::bit_cast<std::uint64_t>(number)); }
    void operator()(const std::string& text) { add(text_type, text.data(), text.size()); }
    void operator()(const SqlBlob& blob) { add(bytea_type, blob.bytes.data(), blob.bytes.size()); }

    Answer execute(PGconn* connection, const std::string& sql) const
    {
        return Answer{PQexecParams(connection, sql.c_str(), static_cast<int>(types_.size()),
                                   types_.data(), values_.data(), sizes_.data(), formats_.data(),
                                   1)};
    }

private:
    void add(Oid type, std::uint64_t word)
    {
        numbers_.push_back(htobe64(word));
        add(type, reinterpret_cast<const char*>(&numbers_.back()), sizeof word);
    }

    void add(Oid type, const char* value, std::size_t size)
    {
        types_.push_back(type);
        values_.push_back(value);
        sizes_.push_back(static_cast<int>(size));
        formats_.push_back(1);
    }

    std::vector<std::uint64_t> numbers_;
    std::vector<Oid> types_;
    std::vector<const char*> values_;
    std::vector<int> sizes_, formats_;
};

std::uint64_t word_at(const char* bytes)
{
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return be64toh(word);
}

SqlValue value_of(const PGresult* result, int row, int column)
{
    if (PQgetisnull(result, row, column) == 1) {
        return std::monostate{};
    }
    const char* bytes = PQgetvalue(result, row, column);
    const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
    switch (PQftype(result, column)) {
    case int8_type: return static_cast<std::int64_t>(word_at(bytes));
    case float8_type: return std::bit_cast<double>(word_at(bytes));
    case bytea_type: return SqlBlob{{bytes, size}};
    default: return std::string{bytes, size};
    }
}

}  // namespace

struct PostgresDatabase::State {
    std::string url;
    Missing missing;
    std::unique_ptr<PGconn, Finish> connection;

    Result<void> connect()
    {
        connection.reset(PQconnectdb(url.c_str()));
        if (PQstatus(connection.get()) != CONNECTION_OK) {
            return error_of(PQerrorMessage(connection.get()));
        }
        const Answer made{
            PQexec(connection.get(), missing == Missing::leave
                                         ? "set search_path = gatehouse"
                                         : "set client_min_messages = warning;"
                                           "begin; select pg_advisory_xact_lock(1735289203);"
                                           "create schema if not exists gatehouse; commit;"
                                           "set search_path = gatehouse")};
        return PQresultStatus(made.get()) == PGRES_COMMAND_OK
                   ? Result<void>{}
                   : error_of(PQresultErrorMessage(made.get()));
    }

    Result<void> ready()
    {
        return PQstatus(connection.get()) == CONNECTION_OK ? Result<void>{} : connect();
    }
};

PostgresDatabase::PostgresDatabase(std::unique_ptr<State> state) : state_(std::move(state)) {}
PostgresDatabase::~PostgresDatabase() = default;

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(const std::string& url,
                                                                 Missing missing)
{
    auto state = std::make_unique<State>(State{url, missing, nullptr});
    if (auto connected = state->connect(); !connected) {
        return connected.error();
    }
    return std::unique_ptr<PostgresDatabase>{new PostgresDatabase(std::move(state))};
}

Result<SqlRows> PostgresDatabase::run(const std::string& sql, const std::vector<SqlValue>& values)
{
    if (auto ready = state_->ready(); !ready) {
        return ready.error();
    }
    const auto answer = Parameters{values}.execute(state_->connection.get(), sql);
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        return error_of(PQresultErrorMessage(answer.get()));
    }
    SqlRows rows(static_cast<std::size_t>(PQntuples(answer.get())));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (int column = 0; column < PQnfields(answer.get()); ++column) {
            rows[row].push_back(value_of(answer.get(), static_cast<int>(row), column));
        }
    }
    return rows;
}

Result<void> PostgresDatabase::script(const std::string& sql)
{
    if (auto ready = state_->ready(); !ready) {
        return ready;
    }
    const Answer answer{PQexec(state_->connection.get(), sql.c_str())};
    const auto status = PQresultStatus(answer.get());
    return status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY
               ? Result<void>{}
               : error_of(PQresultErrorMessage(answer.get()));
}

}  // namespace gatehouse::sidecar
