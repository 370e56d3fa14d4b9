// For tests: a SQLite file as a source, and another program that writes it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "sidecar/databases/database.h"

namespace gatehouse::databases {

namespace fs = std::filesystem;
using sidecar::Table;
using sidecar::TypeId;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A connection that writes, as another program has it.
class Writer {
public:
    explicit Writer(const std::string& path)
    {
        EXPECT_EQ(sqlite3_open(path.c_str(), &database_), SQLITE_OK);
        sqlite3_busy_timeout(database_, 5000);
    }
    ~Writer() { sqlite3_close(database_); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void run(const std::string& sql)
    {
        char* error = nullptr;
        EXPECT_EQ(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK)
            << (error != nullptr ? error : "") << " in " << sql;
        sqlite3_free(error);
    }

private:
    sqlite3* database_ = nullptr;
};

class SqliteTest : public ::testing::Test {
protected:
    SqliteTest()
    {
        std::string name = (fs::temp_directory_path() / "gatehouse-XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
        source_.name = "runs";
        source_.kind = "sqlite";
        source_.paths = {(directory_ / "runs.db").string()};
        source_.database.busy_timeout = std::chrono::milliseconds(200);
    }
    ~SqliteTest() override { fs::remove_all(directory_); }

    const std::string& path() const { return source_.paths[0]; }

    void write(const std::string& sql) { Writer(path()).run(sql); }

    Database& database()
    {
        if (!database_) {
            database_ = open(source_, {});
        }
        return *database_;
    }

    static Job job(std::chrono::milliseconds time = std::chrono::seconds(10))
    {
        return {Clock::now() + time, 100'000, 64u << 20, {}};
    }

    Result<Table> query(const std::string& sql, const sidecar::Arguments& arguments = {})
    {
        return database().query(sql, arguments, job());
    }

    std::string error(const std::string& sql, const sidecar::Arguments& arguments = {})
    {
        const Result<Table> table = query(sql, arguments);
        return table ? "no error" : table.error().message;
    }

    std::int64_t number(const std::string& sql)
    {
        const Result<Table> table = query(sql);
        EXPECT_TRUE(table) << table.error().message;
        return table && table->rows() == 1 ? table->vector(0).cell<std::int64_t>(0) : -1;
    }

    std::string text(const std::string& sql, const sidecar::Arguments& arguments = {})
    {
        const Result<Table> table = query(sql, arguments);
        if (!table) {
            return "error: " + table.error().message;
        }
        return table->rows() == 1 && table->columns()[0].type.id == TypeId::text
                   ? std::string(table->vector(0).cell<sidecar::Text>(0).view())
                   : "no text";
    }

    TypeId type_of_values(const std::string& declared, const std::string& values)
    {
        write("DROP TABLE IF EXISTS typed; CREATE TABLE typed(v " + declared + ")");
        if (!values.empty()) {
            write("INSERT INTO typed VALUES " + values);
        }
        const Result<Table> table = query("SELECT v FROM typed");
        EXPECT_TRUE(table) << table.error().message;
        return table->columns()[0].type.id;
    }

    fs::path directory_;
    config::Source source_;
    std::shared_ptr<Database> database_;
};

}  // namespace gatehouse::databases
