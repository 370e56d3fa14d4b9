#include "sidecar/engine/instance.h"

#include <array>
#include <utility>

#include "sidecar/base/sql_text.h"
#include "sidecar/engine/watchdog.h"
#include "sidecar/engine/whole_number.h"

// Read by the jemalloc that DuckDB's own builds bring: memory that is free goes back to the system.
// It would keep the addresses otherwise, and they count towards the limit of the process.
extern "C" const char* duckdb_je_malloc_conf_2_conf_harder;
const char* duckdb_je_malloc_conf_2_conf_harder = "retain:false";

namespace gatehouse::engine {
namespace {

using sidecar::sql_literal;

/// What DuckDB must know before it starts.
Result<Options> start_options(const config::Engine& limits)
{
    Options options;
    duckdb_create_config(options.address());
    const std::array<std::pair<const char*, std::string>, 6> settings{{
        {"memory_limit", std::to_string(limits.memory_limit) + "B"},
        {"threads", std::to_string(limits.threads)},
        {"temp_directory", limits.temp_directory},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"},
    }};
    for (const auto& [name, value] : settings) {
        if (duckdb_set_config(options.get(), name, value.c_str()) == DuckDBError) {
            return Error{std::string("DuckDB refuses ") + name + " = \"" + value + "\""};
        }
    }
    return options;
}

std::string list(const std::set<std::string>& files)
{
    std::string sql = "[";
    for (const std::string& file : files) {
        sql += (sql.size() > 1 ? ", " : "") + sql_literal(file);
    }
    return sql + "]";
}

/// The order matters: the allowed files cannot be set once access is off, nothing once it is
/// locked.
Result<void> lock(const Connection& connection, const std::set<std::string>& files)
{
    const std::array<std::string, 4> statements{
        "SET GLOBAL TimeZone = 'UTC'",
        "SET GLOBAL allowed_paths = " + list(files),
        "SET GLOBAL enable_external_access = false",
        "SET GLOBAL lock_configuration = true",
    };
    for (const std::string& sql : statements) {
        if (Result<void> done = execute(connection, sql); !done) {
            return done;
        }
    }
    return {};
}

}  // namespace

Result<std::shared_ptr<const Instance>> Instance::open(const config::Engine& limits,
                                                       std::set<std::string> files)
{
    (void)Watchdog::shared();  // its thread before there is little memory
    const Result<Options> options = start_options(limits);
    if (!options) {
        return options.error();
    }
    Database database;
    char* error = nullptr;
    if (duckdb_open_ext(nullptr, database.address(), options->get(), &error) == DuckDBError) {
        return Error{"DuckDB does not start: " + take(error)};
    }
    std::shared_ptr<const Instance> instance(new Instance(std::move(database), std::move(files)));
    const Result<Connection> connection = instance->connect();
    if (!connection) {
        return connection.error();
    }
    if (Result<void> added = register_whole_number(*connection); !added) {
        return added.error();
    }
    if (Result<void> added = instance->held_rows().register_function(*connection); !added) {
        return added.error();
    }
    if (Result<void> locked = lock(*connection, instance->files()); !locked) {
        return Error{"DuckDB cannot be locked down: " + locked.error().message};
    }
    return instance;
}

Result<Connection> Instance::connect() const
{
    Connection connection;
    if (duckdb_connect(database_.get(), connection.address()) == DuckDBError) {
        return Error{"DuckDB gives no further connection"};
    }
    return connection;
}

Result<void> execute(const Connection& connection, const std::string& sql)
{
    QueryResult result;
    if (duckdb_query(connection.get(), sql.c_str(), result.address()) == DuckDBError) {
        return Error{text_of(duckdb_result_error(result.address()))};
    }
    return {};
}

}  // namespace gatehouse::engine
