#include "sidecar/identity/state_file.h"

#include <sys/stat.h>

#include <fstream>

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
    EXPECT_NE(error().find("was written by a newer gatehoused (schema 99; this one knows 1)"),
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
