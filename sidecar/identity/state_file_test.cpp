#include "sidecar/identity/state_file.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "sidecar/base/test_locks.h"
#include "sidecar/identity/test_state.h"

namespace gatehouse::identity {
namespace {

using Missing = StateFile::Missing;

class StateFileTest : public StateTest {
protected:
    std::string error(Missing missing = Missing::create) const
    {
        const auto opened = StateFile::open(path(), missing);
        return opened ? "" : opened.error().message;
    }

    unsigned mode(const std::string& suffix = "") const
    {
        struct stat status {};
        EXPECT_EQ(::stat((path() + suffix).c_str(), &status), 0) << suffix;
        return status.st_mode & 0777;
    }

    void run(const char* sql) const
    {
        auto database = Sqlite::open(path(), Sqlite::Access::write);
        ASSERT_TRUE(database);
        const auto done = database->run(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
};

TEST_F(StateFileTest, IsMadeForItsOwnerAlone)
{
    EXPECT_NE(error(Missing::fail).find("cannot open it: No such file"), std::string::npos);
    auto opened = StateFile::open(path(), Missing::create);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(*opened->database().number("pragma user_version"), schema_version);
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
        EXPECT_EQ(mode(suffix), 0600u) << suffix;
    }
}

TEST_F(StateFileTest, OthersLoseTheRightToReadIt)
{
    ASSERT_EQ(error(), "");
    ::chmod(path().c_str(), 0644);
    EXPECT_EQ(error(), "");
    EXPECT_EQ(mode(), 0600u);
}

TEST_F(StateFileTest, HasOneUserAtATime)
{
    const auto first = StateFile::open(path(), Missing::create);
    ASSERT_TRUE(first);
    EXPECT_NE(error().find("another gatehoused uses it"), std::string::npos);
}

TEST_F(StateFileTest, IsOpenedAgain)
{
    ASSERT_EQ(error(), "");
    EXPECT_EQ(error(Missing::fail), "");
}

TEST_F(StateFileTest, RefusesANewerSchema)
{
    ASSERT_EQ(error(), "");
    run("pragma user_version = 99");
    EXPECT_NE(error().find("was written by a newer gatehoused (schema 99; this one knows " +
                           std::to_string(schema_version) + ")"),
              std::string::npos);
}

TEST_F(StateFileTest, RefusesAnotherProgramsDatabase)
{
    std::ofstream{path()};
    run("create table songs (title text)");
    EXPECT_NE(error().find("is the database of another program"), std::string::npos);
    run("drop table songs; pragma application_id = 7");
    EXPECT_NE(error().find("is the database of another program"), std::string::npos);
}

TEST_F(StateFileTest, RefusesWhatIsNoDatabase)
{
    std::ofstream{path()} << std::string(5000, 'x');
    EXPECT_NE(error().find("file is not a database"), std::string::npos) << error();
    std::filesystem::remove(path());
    std::filesystem::create_directory(path());
    EXPECT_NE(error(), "");
}

TEST_F(StateFileTest, NamesTheFileWhereItsDirectoryIsMissing)
{
    const auto opened = StateFile::open("/nowhere/at/all/state.db", Missing::create);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().message,
              "state \"/nowhere/at/all/state.db\": cannot make its lock file: No such file or "
              "directory");
}

TEST_F(StateFileTest, GoesFromEveryVersionToEveryOther)
{
    for (std::int64_t from = 1; from <= schema_version; ++from) {
        for (std::int64_t to = 1; to <= schema_version; ++to) {
            std::filesystem::remove(path());
            ASSERT_TRUE(StateFile::open(path(), Missing::create, from));
            run("update revision set value = 7");
            const auto there = StateFile::open(path(), Missing::fail, to);
            ASSERT_TRUE(there) << from << " to " << to << ": " << there.error().message;
            auto database = Sqlite::open(path(), Sqlite::Access::read);
            ASSERT_TRUE(database);
            EXPECT_EQ(*database->number("pragma user_version"), to);
            EXPECT_EQ(*database->number("select value from revision"), 7) << "what it held stays";
            const bool has_runs =
                *database->number("select count(*) from sqlite_schema where name = 'runs'") == 1;
            EXPECT_EQ(has_runs, to >= 2);
        }
    }
}

/// A file that gatehoused 0.1.0 made before there were runs.
TEST_F(StateFileTest, OfVersionOneKeepsItsTokens)
{
    ASSERT_TRUE(StateFile::open(path(), Missing::create, 1));
    run("insert into tokens values (1, 'aaaaaaaa', 'n', 'ada', 'read', '', '', 1, 1, null, null, "
        "null); insert into secrets values (1, 1, x'00', 0, 1, null)");
    ASSERT_EQ(error(), "");
    auto database = Sqlite::open(path(), Sqlite::Access::read);
    ASSERT_TRUE(database);
    EXPECT_EQ(
        *database->number("select count(*) from tokens join secrets on token = tokens.number"), 1);
}

TEST_F(StateFileTest, IsOfTheOldVersionOrTheNewWhenItsMigrationIsKilled)
{
    ASSERT_TRUE(StateFile::open(path(), Missing::create, 1));
    const pid_t child = ::fork();
    if (child == 0) {
        auto database = Sqlite::open(path(), Sqlite::Access::write);
        auto transaction = Transaction::begin(*database);
        const bool halfway = transaction && database->run(sidecar::state_migrations()[1].sqlite_up);
        ::_exit(halfway ? 0 : 1);  // without a commit, as by kill -9
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    {
        auto database = Sqlite::open(path(), Sqlite::Access::write);
        ASSERT_TRUE(database);
        EXPECT_EQ(*database->number("pragma user_version"), 1);
        EXPECT_EQ(*database->number("select count(*) from sqlite_schema where name = 'runs'"), 0);
    }
    EXPECT_EQ(error(), "");
}

TEST_F(StateFileTest, HasAnotherWriterOnceItIsReady)
{
    EXPECT_FALSE(StateFile::writer(path()));
    const auto first = StateFile::open(path(), Missing::create, 1);
    ASSERT_TRUE(first);
    EXPECT_FALSE(StateFile::writer(path())) << "of an older version";
    run(("pragma user_version = " + std::to_string(schema_version)).c_str());
    EXPECT_TRUE(StateFile::writer(path()));
}

/// Without them another program that closes the database takes its -wal away.
TEST_F(StateFileTest, OpeningItLeavesTheLocksOfOthersHere)
{
    ASSERT_EQ(error(), "");
    auto writer = StateFile::writer(path());
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->number("select count(*) from sqlite_schema"));
    ASSERT_TRUE(sidecar::has_posix_lock(path()));
    for (const auto missing : {Missing::create, Missing::fail}) {
        EXPECT_EQ(error(missing), "");
        EXPECT_TRUE(sidecar::has_posix_lock(path()));
        EXPECT_TRUE(sidecar::has_posix_lock(path() + "-shm"));
    }
}

TEST_F(StateFileTest, WhatIsNotCommittedIsUndone)
{
    auto file = StateFile::open(path(), Missing::create);
    ASSERT_TRUE(file);
    auto& database = file->database();
    {
        auto transaction = Transaction::begin(database);
        ASSERT_TRUE(transaction);
        ASSERT_TRUE(database.run("update revision set value = 5"));
    }
    EXPECT_EQ(*database.number("select value from revision"), 0);
    {
        auto transaction = Transaction::begin(database);
        ASSERT_TRUE(transaction);
        ASSERT_TRUE(database.run("update revision set value = 5"));
        ASSERT_TRUE(transaction->commit());
    }
    EXPECT_EQ(*database.number("select value from revision"), 5);
}

}  // namespace
}  // namespace gatehouse::identity
