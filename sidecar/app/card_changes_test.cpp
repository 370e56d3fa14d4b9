// Cards whose sources change, or that are computed side by side.
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "sidecar/app/card_test.h"

namespace gatehouse::app {
namespace {

/// A database in the midst of whose reading something happens.
class Interrupted : public databases::Database {
public:
    explicit Interrupted(std::function<void()> meanwhile) : meanwhile_(std::move(meanwhile)) {}

    Result<sidecar::Table> query(const std::string&, const sidecar::Arguments&,
                                 const databases::Job&) override
    {
        return Error{"is not asked"};
    }
    Result<std::vector<sidecar::Table>> load(const std::vector<std::string>&,
                                             const databases::Job&) override
    {
        meanwhile_();
        return std::vector{sidecar::Table::of_numbers({"one"}, {{1}})};
    }
    Result<std::optional<std::string>> mark() override { return std::optional<std::string>{}; }
    databases::Status status() const override { return {}; }
    std::string tables_sql() const override { return {}; }

private:
    std::function<void()> meanwhile_;
};

/// A card over a file and a database: the file is looked at first, then the database is read, then
/// the file is.
class ReplacedMeanwhile : public CardTest {
protected:
    ReplacedMeanwhile() : path_(directory_.write("s.csv", "a\n0\n"))
    {
        source("s", path_);
        config::Source database;
        database.name = "db";
        database.kind = "postgres";
        config_.sources["db"] = database;
        card_.sources.push_back("db");
        card_.sql = "SELECT max(a) AS a FROM s, db.t";
    }

    /// Computed while the file is replaced, by a rename, in that many readings.
    Result<ComputedCard> replaced(int times)
    {
        auto executors = open_executors(config_);
        EXPECT_TRUE(executors);
        executors->databases["db"] = std::make_shared<Interrupted>([this, times] {
            if (readings_++ < times) {
                const std::string csv = "a\n" + std::to_string(readings_) + "00\n";
                fs::rename(directory_.write("s.new", csv), path_);
            }
        });
        return compute_card(*executors, config_, card_, {}).result;
    }

    const std::string path_;
    int readings_ = 0;
};

TEST_F(ReplacedMeanwhile, IsReadAgain)
{
    const auto computed = replaced(1);
    ASSERT_TRUE(computed) << computed.error().message;
    EXPECT_EQ(computed->representations[0].body, R"([{"a":100}])");
    EXPECT_EQ(readings_, 2);
}

TEST_F(ReplacedMeanwhile, IsReadFourTimesAtMost)
{
    const auto computed = replaced(3);
    ASSERT_TRUE(computed) << computed.error().message;
    EXPECT_EQ(computed->representations[0].body, R"([{"a":300}])");
    EXPECT_EQ(readings_, 4);
}

TEST_F(ReplacedMeanwhile, EachTimeIsAnError)
{
    const auto computed = replaced(1000);
    ASSERT_FALSE(computed);
    EXPECT_THAT(computed.error().message, HasSubstr("changed each time they were read"));
    EXPECT_EQ(readings_, 4);
}

TEST_F(CardTest, AFileReplacedOverAndOverYieldsWholeResults)
{
    const std::string path = directory_.write("s.csv", "a\n0\n");
    source("s", path);
    card_.sql = "SELECT min(a) AS low, max(a) AS high FROM s";
    const auto executors = open_executors(config_);
    ASSERT_TRUE(executors);
    std::atomic<bool> done = false;
    std::jthread writer([&] {
        for (int n = 1; !done; ++n) {
            std::string csv = "a\n";
            for (int i = 0; i < 20'000; ++i) {
                csv += std::to_string(n);
                csv += '\n';
            }
            fs::rename(directory_.write("s.new", csv), path);
            std::this_thread::sleep_for(std::chrono::milliseconds(30));
        }
    });
    for (int i = 0; i < 10; ++i) {
        const auto attempt = compute_card(*executors, config_, card_, {});
        if (attempt.result) {
            const std::string& body = attempt.result->representations[0].body;
            const std::string low = body.substr(8, body.find(',') - 8);
            EXPECT_EQ(body, "[{\"low\":" + low + ",\"high\":" + low + "}]");
        } else {
            EXPECT_THAT(attempt.result.error().message, HasSubstr("changed"));
        }
    }
    done = true;
}

TEST_F(CardTest, InputsTellOfEveryChange)
{
    const std::string path = directory_.write("s.csv", "a\n1\n");
    source("s", path);
    source("gone", directory_ / "gone.csv");
    card_.sql = "SELECT * FROM s";
    const auto executors = open_executors(config_);
    ASSERT_TRUE(executors);
    const Inputs inputs = compute_card(*executors, config_, card_, {}).inputs;
    ASSERT_EQ(inputs.size(), 2u);
    EXPECT_TRUE(unchanged(*executors, config_, inputs));
    directory_.write("s.csv", "a\n12\n");
    EXPECT_FALSE(unchanged(*executors, config_, inputs));

    const Inputs later = compute_card(*executors, config_, card_, {}).inputs;
    EXPECT_TRUE(unchanged(*executors, config_, later));
    directory_.write("gone.csv", "a\n1\n");
    EXPECT_FALSE(unchanged(*executors, config_, later));
}

TEST_F(CardTest, ManyAtOnce)
{
    source("s", directory_.write("s.csv", many_rows("1,2026-01-02\n")));
    card_.sql = "SELECT count(*) AS n, min(n) AS low FROM s";
    const auto executors = open_executors(config_);
    ASSERT_TRUE(executors);
    std::array<std::jthread, 4> threads;
    for (auto& thread : threads) {
        thread = std::jthread{[&] {
            const auto attempt = compute_card(*executors, config_, card_, {});
            ASSERT_TRUE(attempt.result);
            EXPECT_EQ(attempt.result->representations[0].body, R"([{"n":400001,"low":1}])");
        }};
    }
}

TEST_F(CardTest, Probe)
{
    config::Source& csv = source("s", directory_.write("s.csv", "a,b\n1,x\n"));
    const auto executors = open_executors(config_);
    ASSERT_TRUE(executors);
    const Result<Probe> found = probe(*executors, csv, {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->files.at(0).bytes, 8u);
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(found->columns, (Pairs{{"a", "BIGINT"}, {"b", "VARCHAR"}}));
}

}  // namespace
}  // namespace gatehouse::app
