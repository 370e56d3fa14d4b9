// Cards over cached sources give what they give over the files themselves.
#include "sidecar/app/caching.h"

#include "sidecar/app/card_test.h"

namespace gatehouse::app {
namespace {

class CachingTest : public CardTest {
protected:
    CachingTest() { config_.caches.directory = directory_ / "cache"; }

    config::Source& cached(const std::string& name, const std::string& path,
                           const std::string& kind = "csv")
    {
        config::Source& one = source(name, path, kind);
        one.cache = true;
        return one;
    }

    /// The card's JSON, by a process that has just started.
    std::string answer(const std::string& sql)
    {
        card_.sql = sql;
        Result<Executors> executors = open_executors(config_);
        EXPECT_TRUE(executors);
        executors->caching = open_caching(config_);
        const auto attempt = compute_card(*executors, config_, card_, {});
        states_ = executors->caching->store.states();
        inputs_ = attempt.inputs;
        return attempt.result ? attempt.result->representations.at(0).body
                              : "error: " + attempt.result.error().message;
    }

    std::vector<std::string> tables() const
    {
        std::vector<std::string> found;
        for (const auto& file : fs::directory_iterator(directory_ / "cache")) {
            if (file.path().extension() == ".parquet") {
                found.push_back(file.path().string());
            }
        }
        return found;
    }

    std::vector<sidecar::CacheState> states_;
    Inputs inputs_;
};

TEST_F(CachingTest, TypesAndOrderStayAsTheyAre)
{
    config::Source& csv = cached("s", directory_.write("s.csv",
                                                       "b,w,x,d,t,s,n,f,u,dec\n"
                                                       "true,7,1.5,2026-01-02,2026-01-02 03:04:05,"
                                                       "\"a, \"\"b\"\"\",,0.1,200,1.10\n"
                                                       "false,-1,2.5,2026-01-01,2026-01-01 "
                                                       "00:00:00,é,,0.2,3,2.25\n"));
    csv.types = {{"f", "FLOAT"}, {"u", "UTINYINT"}, {"dec", "DECIMAL(9,2)"}};
    const std::string sql = "SELECT *, typeof(COLUMNS(*)) FROM s";
    const std::string of_cache = answer(sql);
    EXPECT_EQ(tables().size(), 1u);
    EXPECT_EQ(of_cache, body(sql));
    EXPECT_EQ(of_cache, answer(sql));
}

TEST_F(CachingTest, JsonWithListsAndObjects)
{
    cached("s",
           directory_.write("s.json", R"([{"a": [1, 2], "b": {"c": "x"}}, {"a": [], "b": null}])"),
           "json");
    EXPECT_EQ(answer("SELECT * FROM s"), R"([{"a":[1,2],"b":{"c":"x"}},{"a":[],"b":null}])");
    EXPECT_EQ(tables().size(), 1u);
}

/// Whoever keeps what a card was made of keeps the files, not the cache.
TEST_F(CachingTest, TheInputsAreTheFiles)
{
    cached("s", directory_.write("s.csv", "n\n1\n"));
    EXPECT_EQ(answer("SELECT n FROM s"), R"([{"n":1}])");
    EXPECT_EQ(inputs_.at("s").files.at(0).path, directory_ / "s.csv");
    EXPECT_TRUE(states_.at(0).warm);
}

TEST_F(CachingTest, ChangesAreFollowed)
{
    cached("s", directory_.write("s.csv", "n\n1\n"));
    EXPECT_EQ(answer("SELECT n FROM s"), R"([{"n":1}])");
    directory_.write("s.csv", "n\n23\n");
    EXPECT_EQ(answer("SELECT n FROM s"), R"([{"n":23}])");
    config_.sources.at("s").types = {{"n", "DOUBLE"}};
    EXPECT_EQ(answer("SELECT n FROM s"), R"([{"n":23.0}])") << "another definition";
    EXPECT_EQ(tables().size(), 1u);
}

TEST_F(CachingTest, ATypeThatParquetDoesNotKeepIsReadDirectly)
{
    cached("s", directory_.write("s.csv", "n\n170141183460469231731687303715884105727\n")).types = {
        {"n", "HUGEINT"}};
    EXPECT_EQ(answer("SELECT n::VARCHAR AS n FROM s"),
              R"([{"n":"170141183460469231731687303715884105727"}])");
    EXPECT_TRUE(tables().empty());
    EXPECT_THAT(states_.at(0).error, HasSubstr("HUGEINT"));
}

TEST_F(CachingTest, WithoutADirectoryTheSourceIsReadDirectly)
{
    config_.caches.directory = directory_.write("file", "x") + "/below";
    cached("s", directory_.write("s.csv", "n\n1\n"));
    EXPECT_EQ(answer("SELECT n FROM s"), R"([{"n":1}])");
    EXPECT_FALSE(states_.at(0).warm);
}

TEST_F(CachingTest, AFileThatCannotBeReadIsSaidAsWithoutACache)
{
    cached("s", directory_.write("s.csv", "a,b\n1,2\n3\n"));
    EXPECT_THAT(answer("SELECT * FROM s"), AllOf(HasSubstr("source \"s\""), HasSubstr("line 3")));
    config_.sources.at("s").paths = {directory_ / "missing.csv"};
    EXPECT_THAT(answer("SELECT * FROM s"), HasSubstr("no such file"));
}

/// The engine that runs cards' SQL can write nothing, the directory of caches included.
TEST_F(CachingTest, SqlWritesNoCache)
{
    cached("s", directory_.write("s.csv", "n\n1\n"));
    (void)answer("SELECT n FROM s");
    const std::string cache = tables().at(0);
    EXPECT_THAT(answer("COPY (SELECT 1) TO '" + cache + "' (FORMAT parquet)"), HasSubstr("error"));
    EXPECT_EQ(answer("SELECT n FROM s"), R"([{"n":1}])");
}

TEST_F(CachingTest, StatesAreRows)
{
    config_.sources["c"].name = "c";
    config_.sources["c"].kind = "caches";
    card_.sources = {"c"};
    Result<Executors> executors = open_executors(config_);
    executors->caching = open_caching(config_);
    (void)executors->caching->states.put(
        {{.name = "equipment",
          .kind = "source",
          .exists = true,
          .size_bytes = 5,
          .warm = true,
          .progress = 1,
          .since_ms = 1'767'323'045'000},
         {.name = "ecg", .kind = "card", .progress = 0.25, .error = "no such file"}});
    card_.sql = "SELECT * FROM c";
    const auto attempt = compute_card(*executors, config_, card_, {});
    ASSERT_TRUE(attempt.result) << attempt.result.error().message;
    EXPECT_EQ(attempt.result->representations.at(0).body,
              R"([{"name":"equipment","kind":"source","exists":true,"size_bytes":5,"warm":true,)"
              R"("progress":1.0,"since":"2026-01-02T03:04:05Z","error":null},)"
              R"({"name":"ecg","kind":"card","exists":false,"size_bytes":0,"warm":false,)"
              R"("progress":0.25,"since":null,"error":"no such file"}])");
    EXPECT_TRUE(unchanged(*executors, config_, attempt.inputs));
    (void)executors->caching->states.put({});
    EXPECT_FALSE(unchanged(*executors, config_, attempt.inputs));
}

}  // namespace
}  // namespace gatehouse::app
