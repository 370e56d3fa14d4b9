#include "sidecar/caches/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include "sidecar/caches/file_names.h"
#include "sidecar/caches/lock_file.h"

namespace gatehouse::caches {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;

void write(const std::string& path, std::string_view bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string text_of(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class CacheStoreTest : public ::testing::Test {
protected:
    CacheStoreTest()
    {
        std::string name = (fs::temp_directory_path() / "gatehouse-XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
    }
    ~CacheStoreTest() override { fs::remove_all(directory_); }

    /// What is made of "the content" by making() to begin with.
    Wanted wanted(const std::string& stamps = "stamps", const std::string& content = "content",
                  const std::string& definition = "definition")
    {
        return {"s", definition, stamps, [content] { return Result{content}; },
                [this, content](const std::string& out, std::stop_token) -> Result<std::uint64_t> {
                    ++made_;
                    write(out, "table of " + content);
                    if (!failure_.empty()) {
                        return Error{failure_};
                    }
                    return std::uint64_t{3};
                }};
    }

    std::vector<std::string> tables() const
    {
        std::vector<std::string> found;
        for (const auto& file : fs::directory_iterator(directory_)) {
            if (is_table_of(file.path().filename().string(), "s")) {
                found.push_back(file.path().string());
            }
        }
        return found;
    }

    std::string directory_;
    int made_ = 0;
    std::string failure_;
};

TEST_F(CacheStoreTest, IsMadeOnceAndSurvives)
{
    Store store(directory_);
    const auto path = store.file(wanted());
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(text_of(*path), "table of content");
    EXPECT_EQ(*store.file(wanted()), *path);
    Store restarted(directory_);
    restarted.keep({"s"});
    EXPECT_TRUE(restarted.states().at(0).exists);
    EXPECT_FALSE(restarted.states().at(0).warm) << "nobody has looked yet";
    EXPECT_EQ(*restarted.file(wanted()), *path);
    EXPECT_TRUE(restarted.states().at(0).warm);
    EXPECT_EQ(restarted.states().at(0).size_bytes, 16u);
    EXPECT_EQ(made_, 1);
}

TEST_F(CacheStoreTest, IsMadeAnewWhenFilesOrDefinitionChange)
{
    Store store(directory_);
    const auto first = store.file(wanted());
    const auto second = store.file(wanted("others", "more"));
    EXPECT_EQ(text_of(*second), "table of more");
    EXPECT_FALSE(fs::exists(*first)) << "what is replaced goes";
    (void)store.file(wanted("others", "more", "another definition"));
    EXPECT_EQ(made_, 3);
    EXPECT_EQ(tables().size(), 1u);
}

/// A copy of the files, or the same in a new container.
TEST_F(CacheStoreTest, StaysWhenStampsAloneChange)
{
    const auto path = *Store(directory_).file(wanted("stamps"));
    EXPECT_EQ(*Store(directory_).file(wanted("of a copy")), path);
    Store store(directory_);
    auto not_asked = wanted("of a copy");
    not_asked.content = [] { return Result<std::string>{Error{"was asked again"}}; };
    EXPECT_EQ(*store.file(not_asked), path) << "the new stamps are kept";
    EXPECT_EQ(made_, 1);
}

TEST_F(CacheStoreTest, IsMadeAnewWhenDamaged)
{
    const auto spoilt = [&](const std::function<void(const std::string&)>& spoil) {
        const auto path = *Store(directory_).file(wanted());
        spoil(path);
        Store store(directory_);
        return text_of(*store.file(wanted()));
    };
    EXPECT_EQ(spoilt([](const auto& path) { write(path, "table of conteNt"); }),
              "table of content");
    EXPECT_EQ(spoilt([](const auto& path) { fs::resize_file(path, 5); }), "table of content");
    EXPECT_EQ(spoilt([](const auto& path) { fs::remove(path); }), "table of content");
    EXPECT_EQ(made_, 4);
}

TEST_F(CacheStoreTest, DamageIsSeenWhileItRuns)
{
    Store store(directory_);
    const auto path = *store.file(wanted());
    fs::resize_file(path, 5);
    EXPECT_EQ(text_of(*store.file(wanted())), "table of content");
    EXPECT_EQ(made_, 2);
}

TEST_F(CacheStoreTest, RecordsThatAreNoneCountForNothing)
{
    for (const char* record :
         {"", "{", "[]", "{\"version\": 2}", "{\"version\": 1, \"file\": \"../x\"}"}) {
        (void)Store(directory_).file(wanted());
        write(record_path(directory_, "s"), record);
        made_ = 0;
        EXPECT_EQ(text_of(*Store(directory_).file(wanted())), "table of content") << record;
        EXPECT_EQ(made_, 1) << record;
    }
}

/// A record cut at any byte names no table that is not whole.
TEST_F(CacheStoreTest, ARecordMayBeCutAnywhere)
{
    (void)Store(directory_).file(wanted());
    const auto record = text_of(record_path(directory_, "s"));
    for (std::size_t length = 0; length < record.size(); ++length) {
        write(record_path(directory_, "s"), record.substr(0, length));
        EXPECT_EQ(text_of(*Store(directory_).file(wanted())), "table of content") << length;
    }
    EXPECT_EQ(tables().size(), 1u);
}

TEST_F(CacheStoreTest, WhatFailsLeavesNothingAndIsNotTriedAtOnce)
{
    Store store(directory_);
    failure_ = "No space left on device";
    const auto failed = store.file(wanted());
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, HasSubstr("No space left"));
    EXPECT_TRUE(tables().empty());
    EXPECT_FALSE(store.file(wanted()));
    EXPECT_EQ(made_, 1) << "not again for the same files";
    EXPECT_THAT(store.states().at(0).error, HasSubstr("No space left"));
    failure_.clear();
    EXPECT_TRUE(store.file(wanted("others", "more")));
    EXPECT_EQ(store.states().at(0).error, "");
}

TEST_F(CacheStoreTest, ADirectoryThatCannotBeIsAnError)
{
    write(directory_ + "/file", "");
    Store store(directory_ + "/file/below");
    const auto failed = store.file(wanted());
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, HasSubstr("Not a directory"));
}

TEST_F(CacheStoreTest, AnotherProcessMakesIt)
{
    const auto lock = std::make_unique<LockFile>(lock_path(directory_, "s"));
    ASSERT_TRUE(lock->held());
    Store store(directory_);
    EXPECT_THAT(store.file(wanted()).error().message, HasSubstr("another process"));
    EXPECT_EQ(made_, 0);
}

TEST_F(CacheStoreTest, WhatAnotherProcessHasMadeIsTaken)
{
    Store store(directory_);
    (void)store.file(wanted("old", "old"));
    const auto path = *Store(directory_).file(wanted("new", "new"));
    made_ = 0;
    EXPECT_EQ(*store.file(wanted("new", "new")), path);
    EXPECT_EQ(made_, 0);
}

TEST_F(CacheStoreTest, WhoAsksMeanwhileWaitsForTheSame)
{
    Store store(directory_);
    std::atomic<int> same = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                const auto path = store.file(wanted());
                same += path && text_of(*path) == "table of content" ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(same, 8);
    EXPECT_EQ(made_, 1);
}

TEST_F(CacheStoreTest, WhoMayNotWaitSoLongIsTold)
{
    Store store(directory_);
    EXPECT_TRUE(store.wait_made("s", std::chrono::steady_clock::now(), {}));
    std::latch begun{1}, over{1};
    auto slow = wanted();
    slow.make = [&, make = slow.make](const std::string& out, std::stop_token stop) {
        begun.count_down();
        over.wait();
        return make(out, std::move(stop));
    };
    std::jthread maker{[&] { (void)store.file(slow); }};
    begun.wait();
    EXPECT_FALSE(store.wait_made("s", std::chrono::steady_clock::now(), {}));
    std::stop_source stop;
    stop.request_stop();
    const auto never = std::chrono::steady_clock::time_point::max();
    EXPECT_FALSE(store.wait_made("s", never, stop.get_token()));
    EXPECT_TRUE(store.wait_made("another", std::chrono::steady_clock::now(), {}));
    over.count_down();
    EXPECT_TRUE(store.wait_made("s", never, {}));
}

TEST_F(CacheStoreTest, WhatNobodyNamesGoes)
{
    (void)Store(directory_).file(wanted());
    write(directory_ + "/s-1-2.parquet", "left by a computation that was killed");
    write(directory_ + "/gone-1-2.parquet", "of a source without a cache now");
    write(directory_ + "/gone.json", "{}");
    write(directory_ + "/notes.txt", "none of ours");
    Store store(directory_);
    store.keep({"s"});
    EXPECT_EQ(tables().size(), 1u);
    EXPECT_FALSE(fs::exists(directory_ + "/gone-1-2.parquet"));
    EXPECT_FALSE(fs::exists(directory_ + "/gone.json"));
    EXPECT_TRUE(fs::exists(directory_ + "/notes.txt"));
    EXPECT_TRUE(store.file(wanted()));
    EXPECT_EQ(made_, 1);
}

TEST(CacheFiles, NamesOfSourcesMayHoldDashesAndNumbers)
{
    EXPECT_EQ(source_of_file("a-1-2.parquet"), "a");
    EXPECT_EQ(source_of_file("a-7-1-2.parquet"), "a-7");
    EXPECT_TRUE(is_table_of(table_name("a-7", 123, 4), "a-7"));
    EXPECT_FALSE(is_table_of(table_name("a-7", 123, 4), "a"));
    EXPECT_EQ(source_of_file("a-7.json"), "a-7");
    EXPECT_EQ(source_of_file("a.parquet"), std::nullopt);
    EXPECT_EQ(source_of_file("-1-2.parquet"), std::nullopt);
    EXPECT_EQ(source_of_file(".json"), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::caches
