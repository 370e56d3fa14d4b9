// The database of what the sidecar must not forget: opened, locked against a second sidecar, and
// brought to this version's schema.
#pragma once

#include <cstdint>
#include <string>

#include "sidecar/base/sqlite.h"
#include "sidecar/base/state_schema.h"
#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse::identity {

using sidecar::Sqlite;
using sidecar::Statement;
using sidecar::Transaction;

/// Of the schema that this version writes. An older one is brought up to it, a newer one refused.
inline constexpr std::int64_t schema_version = sidecar::state_version;

class StateFile {
public:
    enum class Missing : bool { create, fail };

    /// Makes the file with mode 0600, takes group's and others' rights away from one that has them,
    /// and holds `PATH.lock` for as long as this object lives. Errors name the file, and what to
    /// do.
    /// `version`: of the schema it is brought to, which may be an older one.
    static Result<StateFile> open(const std::string& path, Missing missing,
                                  std::int64_t version = schema_version);

    /// Of the schema that the file has; 0: it is not there, or empty. Changes nothing.
    static Result<std::int64_t> version_of(const std::string& path);

    /// A second connection, to read what is committed while the first one writes.
    static Result<Sqlite> reader(const std::string& path);

    /// Another connection that writes, for what is not tokens. Fails as long as nobody has opened
    /// the file and brought it to this version's schema.
    static Result<Sqlite> writer(const std::string& path);

    Sqlite& database() noexcept { return database_; }

private:
    StateFile(UniqueFd lock, Sqlite database)
        : lock_(std::move(lock)), database_(std::move(database))
    {
    }

    UniqueFd lock_;
    Sqlite database_;
};

}  // namespace gatehouse::identity
