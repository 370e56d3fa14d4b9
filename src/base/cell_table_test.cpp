#include "src/base/cell_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <vector>

namespace gatehouse {
namespace {

constexpr Ticks now = ticks_of_ms(1'000'000);

struct Policy {
    Ticks time = now;
    bool may_evict = true;

    bool is_free(std::size_t /*index*/, std::uint64_t word) const { return word <= time; }
    bool evicts() const { return may_evict; }
};

CellKey key_of(std::uint64_t number)
{
    return CellKey::of(siphash13({1, 2}, {reinterpret_cast<const char*>(&number), 8}), 0);
}

class CellTableTest : public testing::Test {
protected:
    explicit CellTableTest(std::size_t cells = 4096) : cells_(cells), table_{cells_} {}

    /// How many cells bear the key's tag and are live.
    int live_cells(const CellKey& key) const
    {
        int count = 0;
        for (const auto& cell : cells_) {
            count += cell.tag() == key.tag && !CellTable::is_tentative(cell.word()) ? 1 : 0;
        }
        return count;
    }

    std::vector<Cell> cells_;
    CellTable table_;
};

TEST_F(CellTableTest, FindsWhatWasClaimed)
{
    const auto claimed = table_.claim(key_of(1), now + 5, now, Policy{});
    EXPECT_EQ(claimed.result, CellTable::Claim::installed);
    EXPECT_EQ(table_.find(key_of(1)).cell, claimed.cell);
    EXPECT_EQ(table_.find(key_of(1)).word, now + 5);
    EXPECT_EQ(table_.find(key_of(2)).cell, nullptr);
    EXPECT_EQ(table_.claim(key_of(1), now + 9, now, Policy{}).result, CellTable::Claim::exists);
    EXPECT_EQ(table_.find(key_of(1)).word, now + 5);
}

TEST_F(CellTableTest, HoldsTwoThirdsOfItsCellsWithoutEvictingAnything)
{
    for (std::uint64_t i = 0; i < cells_.size() * 2 / 3; ++i) {
        ASSERT_EQ(table_.claim(key_of(i), now + 1000 + i, now, Policy{}).result,
                  CellTable::Claim::installed)
            << i;
    }
    for (std::uint64_t i = 0; i < cells_.size() * 2 / 3; ++i) {
        ASSERT_EQ(table_.find(key_of(i)).word, now + 1000 + i);
    }
}

TEST_F(CellTableTest, AFreeCellIsGivenToAnotherKeyAndNoneIsEvictedWhileOneIsFree)
{
    // All of these are free again at `now`.
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        ASSERT_NE(table_.claim(key_of(i), now, now, Policy{}).result, CellTable::Claim::full);
    }
    for (std::uint64_t i = 0; i < 1000; ++i) {
        ASSERT_EQ(table_.claim(key_of(1'000'000 + i), now + 1, now, Policy{}).result,
                  CellTable::Claim::installed);
    }
}

TEST_F(CellTableTest, AFullTableGivesUpTheCellThatIsFreeSoonest)
{
    std::vector<Cell> few(CellTable::bucket_size * 2);
    CellTable table{few};
    for (std::uint64_t i = 0; i < CellTable::bucket_size * 2; ++i) {
        ASSERT_EQ(table.claim(key_of(i), now + 100 + i, now, Policy{}).result,
                  CellTable::Claim::installed);
    }
    EXPECT_EQ(table.claim(key_of(500), now + 7, now, Policy{.may_evict = false}).result,
              CellTable::Claim::full);
    const auto claimed = table.claim(key_of(500), now + 7, now, Policy{});
    EXPECT_EQ(claimed.result, CellTable::Claim::installed_evicting);
    EXPECT_EQ(claimed.evicted.word, now + 100);
    EXPECT_EQ(table.find(key_of(0)).cell, nullptr);
    EXPECT_EQ(table.find(key_of(1)).word, now + 101);
}

TEST_F(CellTableTest, FinishesAnInsertionThatSomebodyElseBegan)
{
    // A process that died after its first step: a tentative cell, a minute old and of this moment.
    for (const std::uint64_t age_ms : {0U, 60'000U}) {
        const auto key = key_of(age_ms);
        Cell* cell = table_.claim(key, now + 5, now, Policy{}).cell;
        const auto made_ms = whole_ms(now) - age_ms;
        const auto tentative = (std::uint64_t{1} << 63) | made_ms << 22;
        ASSERT_TRUE(cell->replace({key.tag, now + 5}, {key.tag, tentative}));
        EXPECT_EQ(table_.find(key).cell, nullptr);
        EXPECT_EQ(table_.claim(key, now + 6, now, Policy{}).result, CellTable::Claim::installed);
        EXPECT_EQ(table_.find(key).word, now + 6);
    }
}

TEST_F(CellTableTest, AStaleTentativeCellIsFree)
{
    std::vector<Cell> few(CellTable::bucket_size * 2);
    CellTable table{few};
    for (std::uint64_t i = 0; i < CellTable::bucket_size * 2; ++i) {
        table.claim(key_of(i), now + 100, now, Policy{});
    }
    const auto victim = key_of(3);
    const auto tentative = (std::uint64_t{1} << 63) | (whole_ms(now) - 1001) << 22;
    ASSERT_TRUE(table.find(victim).cell->replace({victim.tag, now + 100}, {victim.tag, tentative}));
    EXPECT_EQ(table.claim(key_of(99), now + 1, now, Policy{.may_evict = false}).result,
              CellTable::Claim::installed);
}

/// Many threads insert the same few keys over and over, beside others that push them out.
TEST_F(CellTableTest, AKeyNeverHasTwoLiveCells)
{
    std::vector<Cell> few(CellTable::bucket_size * 8);
    CellTable table{few};
    constexpr int threads = 4;
    constexpr std::uint64_t keys = 40;
    for (int round = 0; round < 300; ++round) {
        std::atomic<int> ready{0};
        std::vector<std::thread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&, t] {
                std::mt19937_64 random{static_cast<std::uint64_t>(round * threads + t)};
                ++ready;
                while (ready.load() < threads) {
                    std::this_thread::yield();
                }
                for (int i = 0; i < 200; ++i) {
                    table.claim(key_of(random() % keys), now + random() % 3, now, Policy{});
                }
            });
        }
        for (auto& worker : workers) {
            worker.join();
        }
        std::map<std::uint64_t, int> live;
        for (const auto& cell : few) {
            if (cell.tag() > 1) {
                ASSERT_FALSE(CellTable::is_tentative(cell.word()));
                ASSERT_EQ(++live[cell.tag()], 1);
            }
        }
    }
}

/// Each thread adds one to one of the keys' words, which never expire: no addition is lost.
TEST_F(CellTableTest, EveryChargeIsInTheOneCellOfItsKey)
{
    constexpr int threads = 4;
    constexpr std::uint64_t keys = 64;
    constexpr int rounds = 20'000;
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&, t] {
            std::mt19937_64 random{static_cast<std::uint64_t>(t)};
            for (int i = 0; i < rounds; ++i) {
                const auto key = key_of(random() % keys);
                while (true) {
                    const auto found = table_.find(key);
                    if (found.cell == nullptr) {
                        if (table_.claim(key, now + 1, now, Policy{}).result ==
                            CellTable::Claim::installed) {
                            break;
                        }
                    } else if (found.cell->replace({key.tag, found.word},
                                                   {key.tag, found.word + 1})) {
                        break;
                    }
                }
            }
        });
    }
    for (auto& worker : workers) {
        worker.join();
    }
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < keys; ++i) {
        EXPECT_EQ(live_cells(key_of(i)), 1);
        sum += table_.find(key_of(i)).word - now;
    }
    EXPECT_EQ(sum, static_cast<std::uint64_t>(threads) * rounds);
}

}  // namespace
}  // namespace gatehouse
