#include "src/telemetry/top_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <thread>

namespace gatehouse::telemetry {
namespace {

class Top : public ::testing::Test {
protected:
    void refuse(std::uint64_t key, int times = 1)
    {
        for (int i = 0; i < times; ++i) {
            count_key(*sketch, key, [&] { return "key " + std::to_string(key); });
        }
    }

    std::vector<TopKey> top(std::size_t most = 100) const
    {
        return merge_keys({*read_keys(*sketch)}, most);
    }

    std::unique_ptr<TopKeys> sketch = std::make_unique<TopKeys>();
};

TEST_F(Top, CountsExactlyWhileThereIsRoom)
{
    for (std::uint64_t key = 1; key <= top_entries; ++key) {
        refuse(key, static_cast<int>(key));
    }
    const auto keys = top(2);
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_EQ(keys[0].label, "key 63");
    EXPECT_EQ(keys[0].count, 63u);
    EXPECT_EQ(keys[0].error, 0u);
    EXPECT_EQ(top().size(), top_entries);
}

TEST_F(Top, AKeyOfHashZeroIsAKey)
{
    refuse(0, 2);
    ASSERT_EQ(top().size(), 1u);
    EXPECT_EQ(top()[0].count, 2u);
}

// The paper's two guarantees, over a stream in which few keys are heavy and very many are not.
TEST_F(Top, NoHeavyKeyIsMissedAndErrorsAreBounded)
{
    std::mt19937_64 random{42};
    std::map<std::uint64_t, std::uint64_t> truth;
    std::uint64_t refusals = 0;
    for (int i = 0; i < 100'000; ++i) {
        const bool heavy = random() % 2 == 0;
        const std::uint64_t key = heavy ? 1 + random() % 10 : 1000 + random() % 1'000'000;
        refuse(key);
        ++truth[key];
        ++refusals;
    }
    const auto keys = top();
    for (const auto& [key, count] : truth) {
        const auto found = std::find_if(keys.begin(), keys.end(),
                                        [k = key](const TopKey& entry) { return entry.hash == k; });
        EXPECT_TRUE(count <= refusals / top_entries || found != keys.end()) << key;
        if (found != keys.end()) {
            EXPECT_GE(found->count, count);
            EXPECT_LE(found->count - found->error, count);
            EXPECT_LE(found->error, refusals / top_entries);
        }
    }
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_LE(keys[i].hash, 10u);
    }
}

TEST_F(Top, WhatAWriterLeftHalfChangedIsStartedAnew)
{
    refuse(1, 5);
    begin_change(*sketch);  // and died
    EXPECT_FALSE(read_keys(*sketch));
    refuse(2, 3);
    ASSERT_TRUE(read_keys(*sketch));
    ASSERT_EQ(top().size(), 1u);
    EXPECT_EQ(top()[0].label, "key 2");
    EXPECT_EQ(top()[0].count, 3u);
}

TEST_F(Top, ManyWorkersMakeOneRanking)
{
    const auto merged = merge_keys({{{1, 5, 0, "a"}, {2, 4, 1, "b"}}, {{2, 6, 2, "b"}}, {}}, 10);
    ASSERT_EQ(merged.size(), 2u);
    EXPECT_EQ(merged[0].label, "b");
    EXPECT_EQ(merged[0].count, 10u);
    EXPECT_EQ(merged[0].error, 3u);
    EXPECT_EQ(merged[1].count, 5u);
}

TEST_F(Top, LongLabelsAreCut)
{
    count_key(*sketch, 1, [] { return std::string(200, 'x'); });
    EXPECT_EQ(top()[0].label, std::string(longest_label, 'x'));
}

TEST_F(Top, NoReaderSeesAKeyWithAnothersLabel)
{
    std::atomic<bool> done{false};
    std::thread writer{[&] {
        for (std::uint64_t key = 1; key <= 200'000; ++key) {
            refuse(key);
        }
        done = true;
    }};
    while (!done) {
        if (const auto keys = read_keys(*sketch)) {
            for (const auto& key : *keys) {
                ASSERT_EQ(key.label, "key " + std::to_string(key.hash));
            }
        }
    }
    writer.join();
}

}  // namespace
}  // namespace gatehouse::telemetry
