// Runs of datasets, the same tests over SQLite and over PostgreSQL.
#include "sidecar/datasets/run_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <thread>

#include "sidecar/base/postgres_database.h"
#include "sidecar/base/sqlite_database.h"
#include "sidecar/base/state_schema.h"
#include "sidecar/base/test_postgres.h"

namespace gatehouse::datasets {
namespace {

using sidecar::PostgresDatabase;
using sidecar::SqlDatabase;
using sidecar::TestPostgres;
using Made = Result<std::unique_ptr<SqlDatabase>>;

constexpr std::int64_t now_ms = 1'800'000'000'000;
constexpr std::int64_t day_ms = 24 * 3600 * 1000;

/// One for all tests; its tables are made anew for each.
TestPostgres& postgres()
{
    static TestPostgres server;
    return server;
}

Made open_postgres()
{
    auto database = PostgresDatabase::open(postgres().url());
    return database ? Made{std::unique_ptr<SqlDatabase>{std::move(*database)}} : database.error();
}

class Runs : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override
    {
        char name[] = "/tmp/gth-runs-XXXXXX";
        directory_ = ::mkdtemp(name);
        if (on_postgres()) {
            ASSERT_TRUE(postgres().started());
            auto database = open_postgres();
            ASSERT_TRUE(database) << database.error().message;
            ASSERT_TRUE((*database)->script("drop schema gatehouse cascade"));
            return;
        }
        {
            std::FILE* made = std::fopen(path().c_str(), "w");
            std::fclose(made);
        }
        auto file = sidecar::Sqlite::open(path(), sidecar::Sqlite::Access::write);
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->run("pragma journal_mode = wal"));
        for (const auto& migration : sidecar::state_migrations()) {
            ASSERT_TRUE(file->run(migration.sqlite_up));
        }
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    static bool on_postgres() { return std::string_view{GetParam()} == "PostgreSQL"; }
    std::string path() const { return directory_ + "/state.db"; }

    Made connect() const
    {
        if (on_postgres()) {
            auto database = open_postgres();
            if (database) {
                const auto migrated = sidecar::migrate_postgres(**database);
                EXPECT_TRUE(migrated) << migrated.error().message;
            }
            return database;
        }
        auto file = sidecar::Sqlite::open(path(), sidecar::Sqlite::Access::write);
        return file ? Made{std::make_unique<sidecar::SqliteDatabase>(std::move(*file))}
                    : file.error();
    }

    static NewRun run(const std::string& name, std::int64_t time_us, std::string data = "rows")
    {
        return {{name, time_us, R"({"seed":7})"},
                {{"time", "BIGINT"}, {"value", "DOUBLE"}},
                3,
                std::move(data)};
    }

    static Order order(const std::string& dataset, const std::string& key = {})
    {
        Order order;
        order.name = dataset;
        order.mode = Order::Mode::append;
        order.key = key;
        return order;
    }

    /// The status it fails with; 0: it is kept.
    int add(const Order& order, const NewRun& run, const std::string& digest = "d",
            std::int64_t at_ms = now_ms)
    {
        const auto done = store_.add(order, run, digest, at_ms);
        return done ? 0 : done.failure().status;
    }

    std::string names(const std::string& dataset)
    {
        std::string all;
        const auto runs = store_.runs(dataset, std::nullopt);
        EXPECT_TRUE(runs) << runs.failure().message;
        for (const auto& one : *runs) {
            all += one.head.name + " ";
        }
        return all;
    }

    std::string directory_;
    RunStore store_{[this] { return connect(); }};
};

TEST_P(Runs, AreListedTheNewestFirst)
{
    EXPECT_EQ(names("s"), "");
    EXPECT_EQ(add(order("s"), run("first", 10)), 0);
    EXPECT_EQ(add(order("s"), run("newest", 30)), 0);
    EXPECT_EQ(add(order("s"), run("middle", 20)), 0);
    EXPECT_EQ(add(order("s"), run("later id", 20)), 0);
    EXPECT_EQ(add(order("other"), run("elsewhere", 40)), 0);
    EXPECT_EQ(names("s"), "newest later id middle first ");
    const auto runs = store_.runs("s", std::nullopt);
    EXPECT_EQ(runs->front().head.time_us, 30);
    EXPECT_EQ(runs->front().head.parameters, R"({"seed":7})");
    EXPECT_EQ(runs->front().rows, 3u);
    EXPECT_EQ(runs->front().bytes, 4u);
}

TEST_P(Runs, GiveTheirRowsByTheirIds)
{
    const std::string bytes{"a\0b\xff", 4};
    EXPECT_EQ(add(order("s"), run("one", 1, bytes)), 0);
    EXPECT_EQ(add(order("s"), run("two", 2, std::string(3 << 20, 'x'))), 0);
    const auto all = store_.rows("s", std::nullopt);
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 2u);
    EXPECT_EQ((*all)[0].data, bytes);
    const auto second = store_.rows("s", (*all)[1].run);
    ASSERT_EQ(second->size(), 1u);
    EXPECT_EQ(second->front().data.size(), std::size_t{3} << 20);
    EXPECT_TRUE(store_.rows("s", 99)->empty());
    EXPECT_TRUE(store_.rows("other", (*all)[0].run)->empty()) << "of another dataset";
}

TEST_P(Runs, HaveTheSameColumns)
{
    EXPECT_TRUE(store_.known("s")->columns.empty());
    EXPECT_EQ(add(order("s"), run("one", 1)), 0);
    EXPECT_EQ(store_.known("s")->columns, run("", 0).columns);
    auto others = run("two", 2);
    others.columns[1].second = "VARCHAR";
    EXPECT_EQ(add(order("s"), others), 409);
    EXPECT_EQ(names("s"), "one ");
    auto replacing = order("s");
    replacing.mode = Order::Mode::replace;
    EXPECT_EQ(add(replacing, others), 0);
    EXPECT_EQ(names("s"), "two ");
    EXPECT_EQ(store_.known("s")->columns, others.columns);
}

TEST_P(Runs, RaiseTheRevisionWithEveryChange)
{
    EXPECT_EQ(store_.known("s")->revision, 0);
    EXPECT_EQ(add(order("s"), run("one", 1)), 0);
    const auto first = store_.known("s")->revision;
    EXPECT_GT(first, 0);
    EXPECT_EQ(add(order("s"), run("two", 2)), 0);
    const auto second = store_.known("s")->revision;
    EXPECT_GT(second, first);
    EXPECT_TRUE(*store_.drop("s", std::nullopt, now_ms + 5));
    EXPECT_GT(store_.known("s")->revision, second);
    EXPECT_EQ(store_.known("s")->updated_ms, now_ms + 5);
}

TEST_P(Runs, NeverGetTheIdOfAnother)
{
    EXPECT_EQ(add(order("s"), run("one", 1)), 0);
    const auto id = store_.runs("s", std::nullopt)->front().id;
    EXPECT_TRUE(*store_.drop("s", id, now_ms));
    EXPECT_FALSE(*store_.drop("s", id, now_ms));
    EXPECT_EQ(add(order("s"), run("two", 2)), 0);
    EXPECT_GT(store_.runs("s", std::nullopt)->front().id, id);
}

TEST_P(Runs, AreRememberedByTheirKeysForADay)
{
    const auto ordered = order("s", "key");
    EXPECT_FALSE(*store_.recall(ordered, "d", now_ms)) << "not yet";
    const auto done = store_.add(ordered, run("one", 1), "d", now_ms);
    ASSERT_TRUE(done);
    EXPECT_EQ(**store_.recall(ordered, "d", now_ms + day_ms - 1), done->answer);
    EXPECT_EQ(store_.recall(ordered, "other", now_ms).failure().status, 422);
    EXPECT_FALSE(*store_.recall(order("other", "key"), "d", now_ms));
    EXPECT_FALSE(*store_.recall(ordered, "d", now_ms + day_ms));
    EXPECT_EQ(add(ordered, run("two", 2), "d2", now_ms + day_ms), 0) << "its key may come again";
}

/// Two that come at once with one key: the second finds the first one's and is undone whole.
TEST_P(Runs, AreUndoneWhole)
{
    EXPECT_EQ(add(order("s", "key"), run("one", 1)), 0);
    const auto revision = store_.known("s")->revision;
    EXPECT_EQ(add(order("s", "key"), run("two", 2)), 503);
    EXPECT_EQ(names("s"), "one ");
    EXPECT_EQ(store_.known("s")->revision, revision);
}

TEST_P(Runs, ComeFromSeveralStoresAtOnce)
{
    std::vector<std::thread> threads;
    std::atomic<int> failed = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            RunStore mine{[this] { return connect(); }};
            for (int n = 0; n < 10; ++n) {
                failed += mine.add(order("s"), run("r", n), "d", now_ms) ? 0 : 1;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(store_.runs("s", std::nullopt)->size(), 40u);
}

TEST_P(Runs, GoOnAfterTheConnectionIsLost)
{
    int made = 0;
    RunStore store{
        [&]() -> Made { return ++made == 1 ? Made{Error{"nobody is there"}} : connect(); }};
    EXPECT_EQ(store.known("s").failure().status, 503);
    EXPECT_TRUE(store.known("s"));
    if (on_postgres()) {
        auto other = open_postgres();
        ASSERT_TRUE(
            (*other)->run("select pg_terminate_backend(pid)::text from pg_stat_activity "
                          "where pid <> pg_backend_pid() and backend_type = "
                          "'client backend'"));
        (void)store.known("s");
        EXPECT_TRUE(store.known("s"));
    }
}

INSTANTIATE_TEST_SUITE_P(Databases, Runs, testing::Values("SQLite", "PostgreSQL"),
                         [](const auto& parameter) { return std::string{parameter.param}; });

TEST(PostgresState, GoesFromEveryVersionToEveryOther)
{
    ASSERT_TRUE(postgres().started());
    for (std::int64_t from = 0; from <= sidecar::state_version; ++from) {
        for (std::int64_t to = 0; to <= sidecar::state_version; ++to) {
            auto database = open_postgres();
            ASSERT_TRUE(database) << database.error().message;
            ASSERT_TRUE(
                (*database)->script("drop schema gatehouse cascade; create schema gatehouse"));
            for (const auto version : {from, to}) {
                const auto migrated = sidecar::migrate_postgres(**database, version);
                ASSERT_TRUE(migrated) << from << " to " << to << ": " << migrated.error().message;
            }
            const auto rows = (*database)->run(
                "select count(*) from information_schema.tables where table_schema = 'gatehouse' "
                "and table_name = 'runs'");
            EXPECT_EQ(std::get<std::int64_t>(rows->front().front()), to >= 2 ? 1 : 0);
        }
    }
}

TEST(PostgresState, OfANewerVersionIsRefused)
{
    auto database = open_postgres();
    ASSERT_TRUE(database);
    ASSERT_TRUE(sidecar::migrate_postgres(**database));
    ASSERT_TRUE((*database)->script("update schema_version set value = 99"));
    const auto migrated = sidecar::migrate_postgres(**database);
    ASSERT_FALSE(migrated);
    EXPECT_NE(migrated.error().message.find("newer gatehoused (schema 99"), std::string::npos);
    ASSERT_TRUE((*database)->script("drop schema gatehouse cascade"));
}

}  // namespace
}  // namespace gatehouse::datasets
