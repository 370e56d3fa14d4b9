#include "sidecar/base/postgres_database.h"

#include <endian.h>

#include <bit>
#include <cstring>

namespace gatehouse::sidecar {

namespace {

constexpr Oid bytea_type = 17;
constexpr Oid int8_type = 20;
constexpr Oid text_type = 25;
constexpr Oid float8_type = 701;

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

    int send(PGconn* connection, const std::string& sql) const
    {
        return PQsendQueryParams(connection, sql.c_str(), static_cast<int>(types_.size()),
                                 types_.data(), values_.data(), sizes_.data(), formats_.data(), 1);
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
    PostgresLimits limits;
    std::unique_ptr<BoundedPostgres> connection{};

    Result<void> connect()
    {
        connection.reset();
        auto opened = BoundedPostgres::open(url, limits);
        if (!opened) {
            return opened.error();
        }
        const auto made = (*opened)->ask(missing == Missing::leave
                                             ? "set search_path = gatehouse"
                                             : "set client_min_messages = warning;"
                                               "begin; select pg_advisory_xact_lock(1735289203);"
                                               "create schema if not exists gatehouse; commit;"
                                               "set search_path = gatehouse");
        if (!made) {
            return made.error();
        }
        connection = std::move(*opened);
        return {};
    }

    bool is_connected() const { return connection && connection->is_connected(); }

    Result<void> ready() { return is_connected() ? Result<void>{} : connect(); }
};

PostgresDatabase::PostgresDatabase(std::unique_ptr<State> state) : state_(std::move(state)) {}
PostgresDatabase::~PostgresDatabase() = default;

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(const std::string& url,
                                                                 Missing missing,
                                                                 const PostgresLimits& limits)
{
    auto state = std::make_unique<State>(State{url, missing, limits});
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
    const Parameters parameters{values};
    const auto answer = state_->connection->ask(
        [&](PGconn* connection) { return parameters.send(connection, sql); });
    if (!answer) {
        return answer.error();
    }
    const PGresult* result = answer->get();
    SqlRows rows(static_cast<std::size_t>(PQntuples(result)));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (int column = 0; column < PQnfields(result); ++column) {
            rows[row].push_back(value_of(result, static_cast<int>(row), column));
        }
    }
    return rows;
}

Result<void> PostgresDatabase::script(const std::string& sql)
{
    if (sql == "rollback" && !state_->is_connected()) {
        return {};  // it went with the connection
    }
    if (auto ready = state_->ready(); !ready) {
        return ready;
    }
    const auto answer = state_->connection->ask(sql);
    return answer ? Result<void>{} : answer.error();
}

}  // namespace gatehouse::sidecar
