#include "sidecar/board/store.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::sidecar {
namespace {

Snapshot snapshot(const std::string& name, std::uint64_t generation, std::size_t bytes)
{
    const std::string body(bytes, 'x');
    const std::string path = "/" + name;
    board::SnapshotSpec spec;
    spec.name = name;
    spec.path = path;
    spec.generation = generation;
    spec.bodies = {{Format::json, Encoding::identity, "application/json", body}};
    auto memory = board::build_snapshot(spec);
    return *board::Published::open(std::make_shared<const SealedMemory>(std::move(*memory)));
}

class StoreTest : public testing::Test {
protected:
    using Change = BoardStore::Change;

    std::vector<std::pair<Change, std::string>> heard_;
    BoardStore store_{10'000, {[this](auto change, const auto& card, const auto&) {
                          heard_.emplace_back(change, card);
                      }}};
};

TEST_F(StoreTest, TellsOfEveryChangeOnce)
{
    ASSERT_TRUE(store_.publish(snapshot("a", 7, 10), 100));
    store_.stand_by("a", true);
    store_.stand_by("a", true);
    store_.renew("a", 200);
    store_.renew("a", 150);  // time does not go back
    store_.stand_by("a", false);
    store_.retract("a");
    store_.retract("a");
    store_.renew("a", 300);
    const std::vector<std::pair<Change, std::string>> expected{{Change::published, "a"},
                                                               {Change::stood_by, "a"},
                                                               {Change::renewed, "a"},
                                                               {Change::left, "a"},
                                                               {Change::retracted, "a"}};
    EXPECT_EQ(heard_, expected);
    EXPECT_EQ(store_.bytes(), 0u);
}

TEST_F(StoreTest, RefusesWhatHasNoRoomAndKeepsWhatWasThere)
{
    ASSERT_TRUE(store_.publish(snapshot("a", 1, 5000), 0));
    const auto refused = store_.publish(snapshot("b", 2, 5000), 0);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("board.memory_limit"), std::string::npos);
    EXPECT_EQ(store_.held("b"), nullptr);
    EXPECT_EQ(store_.held("a")->view().generation(), 1u);
}

TEST_F(StoreTest, AReplacedSnapshotMakesRoomForItsSuccessor)
{
    ASSERT_TRUE(store_.publish(snapshot("a", 1, 8000), 0));
    ASSERT_TRUE(store_.publish(snapshot("a", 2, 8500), 0));
    EXPECT_EQ(store_.generation(), 2u);
    EXPECT_EQ(store_.bytes(), store_.held("a")->view().total_size());
}

TEST_F(StoreTest, TheArchiveHoldsWhatIsPublished)
{
    ASSERT_TRUE(store_.publish(snapshot("a", 5, 10), 100));
    ASSERT_TRUE(store_.publish(snapshot("b", 6, 10), 110));
    store_.stand_by("b", true);
    store_.rest_on("b", 3, {5, 6});
    const auto archive = store_.archive(1234);
    EXPECT_EQ(archive.generation, 6u);
    EXPECT_EQ(archive.written_at_ms, 1234);
    ASSERT_EQ(archive.cards.size(), 2u);
    EXPECT_FALSE(archive.cards[0].current);
    EXPECT_TRUE(archive.cards[1].current);
    EXPECT_EQ(archive.cards[1].verified_at_ms, 110);
    EXPECT_EQ(archive.cards[1].rows, 3u);
    EXPECT_EQ(archive.cards[1].basis, (board::Basis{5, 6}));
}

TEST_F(StoreTest, ABasisIsOfOneSnapshot)
{
    ASSERT_TRUE(store_.publish(snapshot("a", 1, 10), 0));
    store_.rest_on("a", 3, {5, 6});
    store_.rest_on("a", 4, {5, 6});
    EXPECT_EQ(heard_.size(), 2u) << "nothing else has changed";
    EXPECT_EQ(heard_.back().first, Change::rebased);
    ASSERT_TRUE(store_.publish(snapshot("a", 2, 10), 0));
    EXPECT_FALSE(store_.cards().at("a").basis.is_known());
}

TEST(Generations, BeginPastWhateverWasHandedOutBefore)
{
    Generations later{5'000, 9'000};
    EXPECT_EQ(later.next(), 9'000u);
    EXPECT_EQ(later.next(), 9'001u);
    Generations clock_stepped_back{5'000, 4'000};
    EXPECT_EQ(clock_stepped_back.next(), 5'001u);
    Generations no_clock{0, -5};
    EXPECT_EQ(no_clock.next(), 1u);
}

}  // namespace
}  // namespace gatehouse::sidecar
