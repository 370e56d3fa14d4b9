// The database of what the sidecar must not forget: opened, locked against a second sidecar, and
// brought to this version's schema.
#pragma once

#include <cstdint>
#include <string>

#include "sidecar/identity/sqlite.h"
#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse::identity {

/// Of the schema that this version writes. An older one is brought up to it, a newer one refused.
inline constexpr std::int64_t schema_version = 1;

class StateFile {
public:
    enum class Missing : bool { create, fail };

    /// Makes the file with mode 0600, takes group's and others' rights away from one that has them,
    /// and holds `PATH.lock` for as long as this object lives. Errors name the file, and what to
    /// do.
    static Result<StateFile> open(const std::string& path, Missing missing);

    /// A second connection, to read what is committed while the first one writes.
    static Result<Sqlite> reader(const std::string& path);

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
