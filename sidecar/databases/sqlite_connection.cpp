#include "sidecar/databases/sqlite_connection.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "sidecar/base/sql_text.h"
#include "sidecar/databases/job_errors.h"
#include "sidecar/databases/sqlite_statement.h"

namespace gatehouse::databases {
namespace {

constexpr int steps_between_looks = 1000;  // some 20 microseconds
constexpr std::size_t most_statements = 64;
constexpr int longest_value = 64 << 20;
constexpr std::chrono::milliseconds busy_pause{5};

/// `/a b?` as `file:/a%20b%3F?mode=ro`.
std::string uri_of(const std::string& path, const char* options)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string uri = "file:";
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_' || c == '-';
        if (plain) {
            uri += c;
        } else {
            uri += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return uri + options;
}

std::string stamp_of(const std::string& path)
{
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return {};
    }
    return std::to_string(info.st_ino) + ' ' + std::to_string(info.st_size) + ' ' +
           std::to_string(info.st_mtim.tv_sec) + '.' + std::to_string(info.st_mtim.tv_nsec);
}

bool exists(const std::string& path)
{
    return ::access(path.c_str(), F_OK) == 0;
}

bool is_regular(const std::string& path)
{
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

/// A job under way on a connection.
class SqliteConnection::Guard {
public:
    Guard(SqliteConnection& connection, const Job& job) : connection_(connection)
    {
        connection_.job_ = &job;
        connection_.busy_ = false;
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { connection_.job_ = nullptr; }

private:
    SqliteConnection& connection_;
};

std::optional<FileIdentity> identity_of(const std::string& path)
{
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return std::nullopt;
    }
    return FileIdentity{info.st_dev, info.st_ino};
}

SqliteConnection::SqliteConnection(std::string path, std::chrono::milliseconds busy_timeout)
    : path_(std::move(path)), busy_timeout_(busy_timeout)
{
}

SqliteConnection::~SqliteConnection()
{
    statements_.clear();
    sqlite3_close_v2(database_);
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const config::Source& source,
                                                                 const Job& job)
{
    std::unique_ptr<SqliteConnection> opened(
        new SqliteConnection(source.paths.at(0), source.database.busy_timeout));
    const Guard guard(*opened, job);
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_URI |
                          SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(":memory:", &opened->database_, flags, nullptr) != SQLITE_OK) {
        return Error{"SQLite does not start"};
    }
    sqlite3_extended_result_codes(opened->database_, 1);
    sqlite3_limit(opened->database_, SQLITE_LIMIT_LENGTH, longest_value);
    sqlite3_db_config(opened->database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(opened->database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_progress_handler(opened->database_, steps_between_looks, on_progress, opened.get());
    sqlite3_busy_handler(opened->database_, on_busy, opened.get());
    sqlite3_set_authorizer(opened->database_, authorize, opened.get());
    if (Result<void> attached = opened->attach(source.name); !attached) {
        return attached.error();
    }
    return opened;
}

/// A file in WAL mode whose -wal is not there and cannot be made has no writer: it may be read as
/// one that nobody changes, as long as that holds.
Result<void> SqliteConnection::attach(const std::string& name)
{
    const auto identity = identity_of(path_);
    if (!identity) {
        return Error{path_ + ": " +
                     (errno == ENOENT ? "no such file; create it, or correct the source's \"path\""
                                      : "cannot be looked at; the sidecar's user must be able to "
                                        "read it and enter its directories")};
    }
    identity_ = *identity;
    if (!is_regular(path_)) {  // on a FIFO SQLite would wait for ever
        return Error{path_ + ": is not a regular file; correct the source's \"path\""};
    }
    const std::string as = " AS " + sidecar::sql_identifier(name);
    const std::string probe =
        "SELECT count(*) FROM " + sidecar::sql_identifier(name) + ".sqlite_schema";
    const auto attach = [&](const char* options) {
        return run(("ATTACH " + sidecar::sql_literal(uri_of(path_, options)) + as).c_str());
    };
    attaching_ = true;
    Result<void> done = attach("?mode=ro");
    if (done) {
        done = run(probe.c_str());
    }
    const int code = sqlite3_errcode(database_) & 0xff;
    const bool cannot_open = code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    if (!done && cannot_open && ::access(path_.c_str(), R_OK) == 0 && !exists(path_ + "-wal")) {
        (void)run(("DETACH " + sidecar::sql_identifier(name)).c_str());
        immutable_ = true;
        stamp_ = stamp_of(path_);
        done = attach("?mode=ro&immutable=1");
        if (done) {
            done = run(probe.c_str());
        }
    }
    attaching_ = false;
    return done;
}

Result<void> SqliteConnection::run(const char* sql)
{
    ours_ = true;
    const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
    ours_ = false;
    return code == SQLITE_OK ? Result<void>{} : failure();
}

Result<void> SqliteConnection::in_transaction(const Job& job,
                                              const std::function<Result<void>()>& work)
{
    {
        const Guard guard(*this, job);
        if (Result<void> begun = run("BEGIN"); !begun) {
            return begun;
        }
    }
    Result<void> done = work();
    const Guard guard(*this, job);
    if (sqlite3_get_autocommit(database_) == 0) {
        (void)run("ROLLBACK");
    }
    return done;
}

bool SqliteConnection::is_current() const
{
    const auto now = identity_of(path_);
    return now && *now == identity_ && (!immutable_ || stamp_ == stamp_of(path_));
}

Result<sqlite3_stmt*> SqliteConnection::prepared(const std::string& sql)
{
    if (const auto known = statements_.find(sql); known != statements_.end()) {
        return known->second.get();
    }
    if (sql.find('\0') != sql.npos) {
        return Error{"the SQL has a NUL character"};
    }
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(database_, sql.c_str(), static_cast<int>(sql.size() + 1),
                                        SQLITE_PREPARE_PERSISTENT, &raw, &rest);
    Statement statement(raw);
    if (code != SQLITE_OK) {
        return failure();
    }
    if (raw == nullptr) {
        return Error{"the SQL has no statement"};
    }
    sqlite3_stmt* second = nullptr;
    const int code_of_rest = sqlite3_prepare_v3(database_, rest, -1, 0, &second, nullptr);
    const Statement more(second);
    if (code_of_rest != SQLITE_OK || second != nullptr) {
        return Error{"the SQL must be one statement"};
    }
    if (sqlite3_column_count(raw) == 0 || sqlite3_stmt_readonly(raw) == 0) {
        return Error{"the SQL must be a query, such as SELECT"};
    }
    if (statements_.size() >= most_statements) {
        statements_.clear();
    }
    return statements_.emplace(sql, std::move(statement)).first->second.get();
}

Result<sidecar::Table> SqliteConnection::query(const std::string& sql,
                                               const sidecar::Arguments& arguments, const Job& job)
{
    const Guard guard(*this, job);
    Result<sqlite3_stmt*> statement = prepared(sql);
    if (!statement) {
        return statement.error();
    }
    if (Result<void> bound = bind(*statement, arguments); !bound) {
        return bound.error();
    }
    Result<sidecar::Table> table = collect(*statement);
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    if (immutable_ && stamp_ != stamp_of(path_)) {
        broken_ = true;
        return Error{path_ + ": was changed while it was read; it is read again"};
    }
    return table;
}

Result<sidecar::Table> SqliteConnection::collect(sqlite3_stmt* statement)
{
    // A schema that has changed is seen at the first step, which prepares the statement again.
    int code = sqlite3_step(statement);
    Result<std::vector<SqliteColumn>> columns = columns_of(statement);
    if (!columns) {
        return columns.error();
    }
    std::uint64_t rows = 0;
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        append_row(statement, *columns);
        ++rows;
        std::uint64_t bytes = 0;
        for (const SqliteColumn& column : *columns) {
            bytes += column.bytes();
        }
        if (Result<void> fits = check_size(*job_, rows, bytes); !fits) {
            return fits.error();
        }
    }
    if (code != SQLITE_DONE) {
        return failure();
    }
    return table_of(statement, std::move(*columns), rows);
}

Error SqliteConnection::failure()
{
    const int code = sqlite3_extended_errcode(database_);
    if ((code & 0xff) == SQLITE_INTERRUPT || busy_) {
        if (job_ != nullptr && job_->stop.stop_requested()) {
            return was_stopped();
        }
        if (job_ != nullptr && Clock::now() >= job_->deadline && !busy_) {
            return took_too_long();
        }
    }
    if (attaching_) {
        // ATTACH has one code for every reason.
        broken_ = true;
        const int kind = code & 0xff;
        const bool said = kind == SQLITE_BUSY || kind == SQLITE_LOCKED || kind == SQLITE_NOTADB ||
                          kind == SQLITE_CORRUPT;
        return failure_of_file(said ? code : SQLITE_CANTOPEN);
    }
    if ((code & 0xff) == SQLITE_ERROR || (code & 0xff) == SQLITE_AUTH ||
        (code & 0xff) == SQLITE_TOOBIG || (code & 0xff) == SQLITE_MISMATCH) {
        return {(code & 0xff) == SQLITE_AUTH ? "the SQL may only read tables of the source (" +
                                                   std::string(sqlite3_errmsg(database_)) + ")"
                                             : std::string(sqlite3_errmsg(database_))};
    }
    broken_ = true;
    return failure_of_file(code);
}

Error SqliteConnection::failure_of_file(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        if (is_over() && Clock::now() - busy_since_ < busy_timeout_) {
            return {path_ +
                    ": is locked by another process, and was until the \"timeout\" was over; have "
                    "its writer use journal_mode=WAL or shorter transactions, or raise "
                    "\"timeout\""};
        }
        return {path_ + ": is locked by another process for longer than " +
                sidecar::format_duration(busy_timeout_) +
                "; have its writer use journal_mode=WAL or shorter transactions, or raise "
                "\"busy_timeout\""};
    case SQLITE_NOTADB:
        return {path_ +
                ": is not a SQLite database, or is encrypted; correct the source's "
                "\"path\""};
    case SQLITE_CORRUPT:
        return {path_ + ": is damaged (" + std::string(sqlite3_errmsg(database_)) +
                "); restore it from a backup, or try sqlite3's .recover"};
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return {path_ + ": cannot be opened; the sidecar runs as user id " +
                std::to_string(::geteuid()) +
                ", which must be able to read it, its -wal and its -shm, and to enter its "
                "directories"};
    default: return {path_ + ": " + std::string(sqlite3_errmsg(database_))};
    }
}

bool SqliteConnection::is_over()
{
    return job_ != nullptr && (job_->stop.stop_requested() || Clock::now() >= job_->deadline);
}

int SqliteConnection::on_progress(void* self)
{
    return static_cast<SqliteConnection*>(self)->is_over() ? 1 : 0;
}

int SqliteConnection::on_busy(void* self, int calls)
{
    auto& connection = *static_cast<SqliteConnection*>(self);
    if (calls == 0) {
        connection.busy_since_ = Clock::now();
    }
    if (connection.is_over() || Clock::now() - connection.busy_since_ >= connection.busy_timeout_) {
        connection.busy_ = true;
        return 0;
    }
    std::this_thread::sleep_for(busy_pause);
    return 1;
}

int SqliteConnection::authorize(void* self, int action, const char* first, const char* second,
                                const char*, const char*)
{
    if (static_cast<SqliteConnection*>(self)->ours_) {
        return SQLITE_OK;
    }
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_FUNCTION:
        return second != nullptr && sqlite3_stricmp(second, "load_extension") == 0 ? SQLITE_DENY
                                                                                   : SQLITE_OK;
    case SQLITE_PRAGMA:  // one that reads, and ends by the deadline as any query does
        return first != nullptr && sqlite3_stricmp(first, "quick_check") == 0 ? SQLITE_OK
                                                                              : SQLITE_DENY;
    default: return SQLITE_DENY;
    }
}

}  // namespace gatehouse::databases
