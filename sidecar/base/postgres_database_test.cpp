// Limits of the PostgreSQL that keeps state; what it does within them is tested for both databases
// by sql_database_test.cpp.
#include "sidecar/base/postgres_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "sidecar/base/test_postgres.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string& url()
{
    static const TestPostgres server;
    EXPECT_TRUE(server.started());
    static const std::string where = server.url();
    return where;
}

std::unique_ptr<PostgresDatabase> open(const PostgresLimits& limits = {})
{
    auto opened = PostgresDatabase::open(url(), PostgresDatabase::Missing::create, limits);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
}

std::string error_of(PostgresDatabase& database, const std::string& sql)
{
    const auto done = database.run(sql, {});
    return done ? "" : done.error().message;
}

TEST(PostgresLimits, ALockIsNotWaitedForLonger)
{
    const auto holder = open();
    ASSERT_TRUE(holder->script("create table if not exists held (value bigint)"));
    const auto lock = SqlTransaction::begin(*holder);
    ASSERT_TRUE(holder->script("lock table held"));
    const auto database = open({.lock = 50ms});
    EXPECT_THAT(error_of(*database, "select value from held"),
                AllOf(HasSubstr("\"state\""), HasSubstr("lock timeout")));
    EXPECT_EQ(error_of(*database, "select 1::text"), "");
}

TEST(PostgresLimits, AStatementMayNotTakeLonger)
{
    const auto database = open({.statement = 50ms});
    EXPECT_THAT(error_of(*database, "select pg_sleep(600)::text"),
                AllOf(HasSubstr("\"state\""), HasSubstr("statement timeout")));
    EXPECT_EQ(error_of(*database, "select 1::text"), "");
}

TEST(PostgresLimits, AServerThatIsSilentForLongerIsGivenUp)
{
    const auto database = open({.statement = 600s, .silence = 2s});
    const auto me = [&] {
        return database->run("select pg_backend_pid()::bigint", {})->front().front();
    };
    const auto before = me();
    const auto transaction = SqlTransaction::begin(*database);
    EXPECT_THAT(error_of(*database, "select pg_sleep(600)::text"),
                AllOf(HasSubstr("\"state\""), HasSubstr("does not answer")));
    EXPECT_TRUE(database->script("rollback"));
    EXPECT_NE(me(), before);
}

/// One that takes connections and is not there.
TEST(PostgresLimits, ConnectingMayNotTakeLonger)
{
    char name[] = "/tmp/gth-pg-XXXXXX";
    const std::string directory = ::mkdtemp(name);
    sockaddr_un address{AF_UNIX, {}};
    (directory + "/.s.PGSQL.5432").copy(address.sun_path, sizeof address.sun_path - 1);
    const UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket.get(), 8), 0);
    const auto opened = PostgresDatabase::open("host=" + directory,
                                               PostgresDatabase::Missing::leave, {.connect = 50ms});
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message,
                AllOf(HasSubstr("\"state\""), HasSubstr("does not answer")));
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace gatehouse::sidecar
