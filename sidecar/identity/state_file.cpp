#include "sidecar/identity/state_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::identity {

namespace {

constexpr mode_t owner_only = 0600;

/// "GTHS": tells our databases from others'.
constexpr std::int64_t application_id = 0x4754'4853;

Error about(const std::string& path, const std::string& what)
{
    return Error{"state \"" + path + "\": " + what};
}

Error from_system(const std::string& path, const char* action)
{
    return about(path, std::string{action} + ": " + std::strerror(errno));
}

Result<UniqueFd> lock(const std::string& path)
{
    const auto file = path + ".lock";
    UniqueFd fd{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only)};
    if (fd.get() < 0) {
        return about(path, "cannot make its lock file: " + std::string{std::strerror(errno)});
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? about(path, "another gatehoused uses it")
                                    : from_system(path, "cannot lock it");
    }
    return fd;
}

/// Made where it is missing. Only then is a descriptor of it closed: that would drop the locks of
/// connections to it that others here have already (fcntl(2)).
Result<void> make_file(const std::string& path)
{
    const UniqueFd fd{::open(path.c_str(), O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL, owner_only)};
    return fd || errno == EEXIST ? Result<void>{} : from_system(path, "cannot open it");
}

/// Before SQLite opens it: SQLite gives its other files the mode of this one.
Result<void> prepare_file(const std::string& path, StateFile::Missing missing)
{
    if (missing == StateFile::Missing::create) {
        if (auto made = make_file(path); !made) {
            return made;
        }
    }
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return from_system(path, "cannot open it");
    }
    if (!S_ISREG(status.st_mode)) {
        return about(path, "is no regular file");
    }
    if ((status.st_mode & 077) != 0 && ::chmod(path.c_str(), owner_only) != 0) {
        return from_system(path, "others may read it, and its mode cannot be changed");
    }
    return {};
}

/// Up or down, step by step.
Result<void> step(Sqlite& database, std::int64_t from, std::int64_t to)
{
    const auto migrations = sidecar::state_migrations();
    for (auto at = from; at < to; ++at) {
        if (auto done = database.run(migrations[static_cast<std::size_t>(at)].sqlite_up); !done) {
            return done;
        }
    }
    for (auto at = from; at > to; --at) {
        if (auto done = database.run(migrations[static_cast<std::size_t>(at) - 1].sqlite_down);
            !done) {
            return done;
        }
    }
    return {};
}

/// Of the schema; an error for a database that is not ours.
Result<std::int64_t> version_in(Sqlite& database)
{
    const auto version = database.number("pragma user_version");
    const auto application = database.number("pragma application_id");
    const auto tables = database.number("select count(*) from sqlite_schema");
    for (const auto* read : {&version, &application, &tables}) {
        if (!*read) {
            return read->error();
        }
    }
    if (*application != application_id && (*application != 0 || *version != 0 || *tables != 0)) {
        return Error{"is the database of another program"};
    }
    return version;
}

Result<void> migrate(Sqlite& database, std::int64_t to)
{
    auto transaction = Transaction::begin(database);
    if (!transaction) {
        return transaction.error();
    }
    const auto version = version_in(database);
    if (!version) {
        return version.error();
    }
    if (*version > schema_version) {
        return sidecar::newer_schema(*version);
    }
    if (auto stepped = step(database, *version, to); !stepped) {
        return stepped;
    }
    const auto mark = "pragma application_id = " + std::to_string(application_id) +
                      "; pragma user_version = " + std::to_string(to);
    if (auto marked = database.run(mark.c_str()); !marked) {
        return marked;
    }
    return transaction->commit();
}

/// A revocation that was confirmed survives a power cut: hence `full`.
constexpr const char* modes =
    "pragma journal_mode = wal; pragma synchronous = full; "
    "pragma foreign_keys = on; pragma trusted_schema = off";

Result<void> set_up(Sqlite& database, std::int64_t version)
{
    if (auto set = database.run(modes); !set) {
        return set;
    }
    return migrate(database, version);
}

}  // namespace

Result<std::int64_t> StateFile::version_of(const std::string& path)
{
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 && errno == ENOENT) {
        return 0;
    }
    auto database = reader(path);
    if (!database) {
        return database.error();
    }
    const auto version = version_in(*database);
    return version ? version : about(path, version.error().message);
}

Result<StateFile> StateFile::open(const std::string& path, Missing missing, std::int64_t version)
{
    auto locked = lock(path);
    if (!locked) {
        return locked.error();
    }
    if (auto prepared = prepare_file(path, missing); !prepared) {
        return prepared.error();
    }
    auto database = Sqlite::open(path, Sqlite::Access::write);
    if (!database) {
        return about(path, database.error().message);
    }
    if (auto ready = set_up(*database, version); !ready) {
        return about(path, ready.error().message);
    }
    return StateFile{std::move(*locked), std::move(*database)};
}

Result<Sqlite> StateFile::writer(const std::string& path)
{
    auto database = Sqlite::open(path, Sqlite::Access::write);
    if (!database) {
        return about(path, database.error().message);
    }
    const auto version = database->number("pragma user_version");
    if (!version || *version != schema_version) {
        return about(path, version ? "is not ready yet" : version.error().message);
    }
    if (auto set = database->run(modes); !set) {
        return about(path, set.error().message);
    }
    return database;
}

Result<Sqlite> StateFile::reader(const std::string& path)
{
    auto database = Sqlite::open(path, Sqlite::Access::read);
    if (!database) {
        return about(path, database.error().message);
    }
    return database;
}

}  // namespace gatehouse::identity
