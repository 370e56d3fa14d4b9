// For tests that run over SQLite and over PostgreSQL alike: a state database with its tables, made
// anew for each.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/base/postgres_database.h"
#include "sidecar/base/sqlite_database.h"
#include "sidecar/base/state_schema.h"
#include "sidecar/base/test_postgres.h"

namespace gatehouse::sidecar {

/// The parameter names the database.
class StateDatabaseTest : public testing::TestWithParam<const char*> {
protected:
    using Opened = Result<std::unique_ptr<SqlDatabase>>;

    void SetUp() override
    {
        char name[] = "/tmp/gth-state-XXXXXX";
        directory_ = ::mkdtemp(name);
        if (on_postgres()) {
            ASSERT_TRUE(postgres().started());
            auto database = PostgresDatabase::open(postgres().url());
            ASSERT_TRUE(database) << database.error().message;
            ASSERT_TRUE((*database)->script("drop schema gatehouse cascade"));
            database = PostgresDatabase::open(postgres().url());
            ASSERT_TRUE(database) << database.error().message;
            const auto migrated = migrate_postgres(**database);
            ASSERT_TRUE(migrated) << migrated.error().message;
            return;
        }
        std::fclose(std::fopen(path().c_str(), "w"));
        auto file = Sqlite::open(path(), Sqlite::Access::write);
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->run("pragma journal_mode = wal"));
        for (const auto& migration : state_migrations()) {
            const auto done = file->run(migration.sqlite_up);
            ASSERT_TRUE(done) << done.error().message;
        }
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    static bool on_postgres() { return std::string_view{GetParam()} == "PostgreSQL"; }
    std::string path() const { return directory_ + "/state.db"; }

    /// Another connection.
    Opened connect() const
    {
        if (on_postgres()) {
            auto database = PostgresDatabase::open(postgres().url());
            return database ? Opened{std::unique_ptr<SqlDatabase>{std::move(*database)}}
                            : database.error();
        }
        auto file = Sqlite::open(path(), Sqlite::Access::write);
        return file ? Opened{std::make_unique<SqliteDatabase>(std::move(*file))} : file.error();
    }

private:
    /// One for all tests.
    static TestPostgres& postgres()
    {
        static TestPostgres server;
        return server;
    }

    std::string directory_;
};

inline const auto both_databases = testing::Values("SQLite", "PostgreSQL");

inline std::string database_name(const testing::TestParamInfo<const char*>& info)
{
    return info.param;
}

}  // namespace gatehouse::sidecar
