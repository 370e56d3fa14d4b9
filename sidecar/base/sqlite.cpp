#include "sidecar/base/sqlite.h"

#include <system_error>

namespace gatehouse::sidecar {

namespace {

constexpr int busy_ms = 5000;

Error error_of(sqlite3* connection)
{
    // A full disk's message says "disk I/O error" alone where the system knows more.
    const int system = connection != nullptr ? sqlite3_system_errno(connection) : 0;
    std::string message = connection != nullptr ? sqlite3_errmsg(connection) : "not enough memory";
    if (system != 0) {
        message += std::string{" ("} + std::generic_category().message(system) + ")";
    }
    return Error{message};
}

}  // namespace

// --- statement ---

Statement& Statement::bind(int index, std::int64_t number)
{
    bound_ = sqlite3_bind_int64(statement_.get(), index, number) == SQLITE_OK && bound_;
    return *this;
}

Statement& Statement::bind(int index, double number)
{
    bound_ = sqlite3_bind_double(statement_.get(), index, number) == SQLITE_OK && bound_;
    return *this;
}

Statement& Statement::bind(int index, std::string_view text)
{
    bound_ = sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(),
                                 SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK &&
             bound_;
    return *this;
}

Statement& Statement::bind(int index, std::span<const std::uint8_t> blob)
{
    bound_ = sqlite3_bind_blob64(statement_.get(), index, blob.data(), blob.size(),
                                 SQLITE_TRANSIENT) == SQLITE_OK &&
             bound_;
    return *this;
}

Statement& Statement::bind(int index, const std::optional<std::int64_t>& number)
{
    if (number) {
        return bind(index, *number);
    }
    bound_ = sqlite3_bind_null(statement_.get(), index) == SQLITE_OK && bound_;
    return *this;
}

Result<bool> Statement::step()
{
    if (!bound_) {
        return error_of(sqlite3_db_handle(statement_.get()));
    }
    switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return error_of(sqlite3_db_handle(statement_.get()));
    }
}

Result<void> Statement::run()
{
    const auto stepped = step();
    if (!stepped) {
        const auto error = stepped.error();
        reset();
        return error;
    }
    reset();
    return {};
}

bool Statement::is_null(int column) const
{
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const
{
    return sqlite3_column_double(statement_.get(), column);
}

std::optional<std::int64_t> Statement::integer_or_null(int column) const
{
    return is_null(column) ? std::nullopt : std::optional{integer(column)};
}

std::string_view Statement::text(int column) const
{
    const auto* text = sqlite3_column_text(statement_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return text == nullptr ? std::string_view{}
                           : std::string_view{reinterpret_cast<const char*>(text), size};
}

std::span<const std::uint8_t> Statement::blob(int column) const
{
    const auto* bytes =
        static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Statement::reset()
{
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
    bound_ = true;
}

// --- connection ---

Result<Sqlite> Sqlite::open(const std::string& path, Access access)
{
    sqlite3* connection = nullptr;
    const int flags = access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    const int opened =
        sqlite3_open_v2(path.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    Sqlite database{connection};
    if (opened != SQLITE_OK) {
        return error_of(connection);
    }
    sqlite3_extended_result_codes(connection, 1);
    sqlite3_busy_timeout(connection, busy_ms);
    return database;
}

Result<void> Sqlite::run(const char* sql)
{
    if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        return error_of(connection_.get());
    }
    return {};
}

Result<Statement> Sqlite::prepare(std::string_view sql)
{
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &statement,
                           nullptr) != SQLITE_OK) {
        return error_of(connection_.get());
    }
    return Statement{statement};
}

Result<std::int64_t> Sqlite::number(std::string_view sql)
{
    auto statement = prepare(sql);
    if (!statement) {
        return statement.error();
    }
    const auto found = statement->step();
    if (!found) {
        return found.error();
    }
    return *found ? statement->integer(0) : std::int64_t{0};
}

std::int64_t Sqlite::changes() const
{
    return sqlite3_changes64(connection_.get());
}

// --- transaction ---

Result<Transaction> Transaction::begin(Sqlite& database, Kind kind)
{
    if (auto begun = database.run(kind == Kind::write ? "begin immediate" : "begin"); !begun) {
        return begun.error();
    }
    return Transaction{database};
}

Transaction::~Transaction()
{
    if (database_ != nullptr) {
        (void)database_->run("rollback");
    }
}

Result<void> Transaction::commit()
{
    auto committed = database_->run("commit");
    if (committed) {
        database_ = nullptr;
    }
    return committed;
}

}  // namespace gatehouse::sidecar
