#include "src/conn/cap_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "src/conn/test_table.h"

namespace gatehouse::conn {
namespace {

using Verdict = CapTable::Verdict;

constexpr std::uint64_t now_ms = 1'000'000;

TEST(CapTable, AdmitsAsManyAsTheLimitAndOneMoreForEachThatLeaves)
{
    TestTable table;
    Writer worker{0};
    std::vector<Hold> holds;
    for (int i = 0; i < 5; ++i) {
        const auto answer = table->acquire(worker, TestTable::key(1), 5, now_ms);
        ASSERT_EQ(answer.verdict, Verdict::admitted) << i;
        holds.push_back(answer.hold);
    }
    EXPECT_EQ(table->acquire(worker, TestTable::key(1), 5, now_ms).verdict, Verdict::refused);
    EXPECT_EQ(table->acquire(worker, TestTable::key(2), 5, now_ms).verdict, Verdict::admitted);
    holds.back().release();
    EXPECT_EQ(table->held(TestTable::key(1)), 4u);
    EXPECT_EQ(table->acquire(worker, TestTable::key(1), 5, now_ms).verdict, Verdict::admitted);
    EXPECT_EQ(table->acquire(worker, TestTable::key(1), 5, now_ms).verdict, Verdict::refused);
    EXPECT_EQ(table->held(), 6u);
}

TEST(CapTable, TheLimitIsTheAskersTheCountIsTheKeys)
{
    TestTable table;
    Writer worker{3};
    ASSERT_EQ(table->acquire(worker, TestTable::key(1), 10, now_ms).verdict, Verdict::admitted);
    ASSERT_EQ(table->acquire(worker, TestTable::key(1), 10, now_ms).verdict, Verdict::admitted);
    EXPECT_EQ(table->acquire(worker, TestTable::key(1), 2, now_ms).verdict, Verdict::refused);
    EXPECT_EQ(table->acquire(worker, TestTable::key(1), 3, now_ms).verdict, Verdict::admitted);
}

TEST(CapTable, WorkersCountTogether)
{
    TestTable table;
    Writer workers[] = {{0}, {7}, {15}};
    std::vector<Hold> holds;
    for (auto& worker : workers) {
        const auto answer = table->acquire(worker, TestTable::key(1), 3, now_ms);
        ASSERT_EQ(answer.verdict, Verdict::admitted);
        holds.push_back(answer.hold);
    }
    for (auto& worker : workers) {
        EXPECT_EQ(table->acquire(worker, TestTable::key(1), 3, now_ms).verdict, Verdict::refused);
    }
    holds[1].release();
    EXPECT_EQ(table->acquire(workers[2], TestTable::key(1), 3, now_ms).verdict, Verdict::admitted);
}

TEST(CapTable, ADeadWorkersShareIsGivenBackAndNobodyElses)
{
    TestTable table;
    Writer dead{2};
    Writer living{5};
    for (int i = 0; i < 4; ++i) {
        ASSERT_EQ(table->acquire(dead, TestTable::key(1), 9, now_ms).verdict, Verdict::admitted);
        ASSERT_EQ(table->acquire(dead, TestTable::key(2), 9, now_ms).verdict, Verdict::admitted);
    }
    ASSERT_EQ(table->acquire(living, TestTable::key(1), 9, now_ms).verdict, Verdict::admitted);
    table->reap(2);
    table->reap(2);
    table->reap(15);
    EXPECT_EQ(table->held(TestTable::key(1)), 1u);
    EXPECT_EQ(table->held(TestTable::key(2)), 0u);
    Writer next{2};  // in the dead one's place
    EXPECT_EQ(table->acquire(next, TestTable::key(1), 2, now_ms).verdict, Verdict::admitted);
    EXPECT_EQ(table->acquire(next, TestTable::key(1), 2, now_ms).verdict, Verdict::refused);
}

TEST(CapTable, GivesIdleCellsToOtherKeysAndNeverAHeldOne)
{
    TestTable table{16};
    Writer worker{0};
    std::vector<Hold> held;
    for (std::uint64_t i = 0; i < 16; ++i) {
        const auto answer = table->acquire(worker, TestTable::key(i), 1, now_ms);
        ASSERT_EQ(answer.verdict, Verdict::admitted);
        held.push_back(answer.hold);
    }
    for (std::uint64_t i = 100; i < 200; ++i) {
        ASSERT_EQ(table->acquire(worker, TestTable::key(i), 1, now_ms + 9000).verdict,
                  Verdict::no_room);
    }
    held[7].release();
    for (std::uint64_t i = 100; i < 200; ++i) {
        auto answer = table->acquire(worker, TestTable::key(i), 1, now_ms);
        ASSERT_EQ(answer.verdict, Verdict::admitted) << "one at a time, in the same moment";
        answer.hold.release();
    }
    for (std::uint64_t i = 0; i < 16; ++i) {
        EXPECT_EQ(table->held(TestTable::key(i)), i == 7 ? 0u : 1u);
    }
}

TEST(CapTable, AMillionKeysLeaveNothingBehind)
{
    TestTable table{1024};
    Writer worker{0};
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        auto answer = table->acquire(worker, TestTable::key(i), 1, now_ms + i / 1000);
        ASSERT_EQ(answer.verdict, Verdict::admitted) << i;
        answer.hold.release();
    }
    EXPECT_TRUE(table.all_idle());
}

/// More workers than places, and a count of their own of who is in.
TEST(CapTable, ThreadsNeverPassTheLimitAndReachIt)
{
    constexpr int threads = 4;
    for (const std::uint32_t limit : {1U, 2U, 3U}) {
        TestTable table;
        std::atomic<std::uint32_t> inside{0};
        std::atomic<std::uint32_t> most{0};
        std::atomic<std::uint64_t> admitted{0};
        std::vector<std::thread> workers;
        for (unsigned slot = 0; slot < threads; ++slot) {
            workers.emplace_back([&, slot] {
                Writer worker{slot};
                for (int i = 0; i < 20'000; ++i) {
                    auto answer = table->acquire(worker, TestTable::key(1), limit, now_ms);
                    if (answer.verdict != Verdict::admitted) {
                        continue;
                    }
                    const auto now_inside = inside.fetch_add(1) + 1;
                    auto known = most.load();
                    while (known < now_inside && !most.compare_exchange_weak(known, now_inside)) {
                    }
                    if (i % 16 == 0) {
                        std::this_thread::yield();
                    }
                    inside.fetch_sub(1);
                    answer.hold.release();
                    ++admitted;
                }
            });
        }
        for (auto& worker : workers) {
            worker.join();
        }
        EXPECT_LE(most.load(), limit);
        EXPECT_GT(admitted.load(), 1000u);
        EXPECT_EQ(table->held(), 0u);
        EXPECT_TRUE(table.all_idle());
    }
}

/// Keys fight for cells while others are held.
TEST(CapTable, ThreadsNeverLoseACountWhenCellsChangeHands)
{
    constexpr int threads = 4;
    constexpr std::uint64_t keys = 60;
    TestTable table{32};
    std::vector<std::atomic<int>> inside(keys);
    std::atomic<int> over{0};
    std::vector<std::thread> workers;
    for (unsigned slot = 0; slot < threads; ++slot) {
        workers.emplace_back([&, slot] {
            std::mt19937_64 random{slot};
            Writer worker{slot};
            std::vector<std::pair<std::uint64_t, Hold>> held;
            for (int i = 0; i < 30'000; ++i) {
                const auto key = random() % keys;
                auto answer = table->acquire(worker, TestTable::key(key), 2, now_ms);
                if (answer.verdict == Verdict::admitted) {
                    over += ++inside[key] > 2 ? 1 : 0;
                    held.emplace_back(key, answer.hold);
                }
                while (held.size() > 3 || (i + 1 == 30'000 && !held.empty())) {
                    --inside[held.front().first];
                    held.front().second.release();
                    held.erase(held.begin());
                }
            }
        });
    }
    for (auto& worker : workers) {
        worker.join();
    }
    EXPECT_EQ(over.load(), 0);
    EXPECT_TRUE(table.all_idle());
}

}  // namespace
}  // namespace gatehouse::conn
