// Which tables are held, in which order, and what becomes of them on disk.
#include "sidecar/board/table_store.h"

#include <gtest/gtest.h>

#include <cstring>

#include "src/board/test_directory.h"

namespace gatehouse::sidecar {
namespace {

using namespace std::chrono_literals;

board::Table table(const std::string& name, std::uint64_t generation, const std::string& text = "x")
{
    auto memory =
        SealedMemory::create("test", text.size(), [&](std::span<std::byte> out) -> Result<void> {
            std::memcpy(out.data(), text.data(), text.size());
            return {};
        });
    return {name, generation, std::make_shared<const SealedMemory>(std::move(*memory))};
}

class TableStoreTest : public testing::Test {
protected:
    std::vector<std::string> held()
    {
        std::vector<std::string> names;
        for (const auto& table : store_.tables()) {
            names.push_back(table.name + " " + std::to_string(table.generation));
        }
        return names;
    }

    board::test::TestDirectory directory_;
    std::vector<std::uint64_t> heard_;
    TableStore store_{directory_ / "board", static_cast<gid_t>(-1),
                      [this](const board::Table& table) { heard_.push_back(table.generation); }};
};

TEST_F(TableStoreTest, HoldsTheNewestOfEachNameInTheOrderOfPublishing)
{
    store_.publish(table("tokens.changes", 1), TableStore::Keep::in_memory);
    store_.publish(table("tokens", 2), TableStore::Keep::in_memory);
    store_.publish(table("tokens.changes", 3), TableStore::Keep::in_memory);
    EXPECT_EQ(held(), (std::vector<std::string>{"tokens 2", "tokens.changes 3"}));
    EXPECT_EQ(heard_, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(TableStoreTest, WhatIsKeptOnDiskIsWhereTheNextOneStarts)
{
    store_.publish(table("tokens", 1, "old"), TableStore::Keep::on_disk);
    store_.publish(table("tokens", 2, "new"), TableStore::Keep::on_disk);
    store_.publish(table("geoip", 3), TableStore::Keep::in_memory);
    ASSERT_TRUE(store_.finish(10s));
    const TableStore next{directory_ / "board", static_cast<gid_t>(-1), [](const auto&) {}};
    const auto found = next.last_good("tokens");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->generation, 2u);
    EXPECT_EQ(std::memcmp(found->memory->bytes().data(), "new", 3), 0);
    EXPECT_FALSE(next.last_good("geoip"));
}

TEST_F(TableStoreTest, ADamagedFileIsNoStart)
{
    store_.publish(table("tokens", 1, "content"), TableStore::Keep::on_disk);
    ASSERT_TRUE(store_.finish(10s));
    auto bytes = directory_.content("board.table.tokens");
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    directory_.write("board.table.tokens", bytes);
    EXPECT_FALSE(store_.last_good("tokens"));
}

}  // namespace
}  // namespace gatehouse::sidecar
