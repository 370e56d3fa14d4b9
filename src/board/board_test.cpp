#include "src/board/board.h"

#include <gtest/gtest.h>

#include <limits>

#include "src/board/test_cards.h"

namespace gatehouse::board {
namespace {

using test::card;

std::uint64_t generation_at(const Board& board, std::string_view path)
{
    const auto* entry = board.find(path);
    return entry == nullptr ? 0 : entry->published->view().generation();
}

TEST(Board, FindsACardByItsExactPath)
{
    Board board;
    EXPECT_EQ(board.find("/a"), nullptr);
    board.publish(card("a", "/a", 1), 500);
    ASSERT_NE(board.find("/a"), nullptr);
    EXPECT_EQ(board.find("/a")->published->view().name(), "a");
    EXPECT_EQ(board.find("/a")->verified_at_ms, 500);
    for (const std::string_view other : {"/A", "/a/", "/", "", "a", "//a"}) {
        EXPECT_EQ(board.find(other), nullptr) << other;
    }
}

TEST(Board, ANewerPublishTakesThePlaceAndTheOldBytesLiveAsLongAsTheyAreHeld)
{
    Board board;
    board.publish(card("a", "/a", 1, "[1]"), 0);
    const auto in_flight = board.find("/a")->published;
    board.publish(card("a", "/a", 2, "[2]"), 0);
    EXPECT_EQ(generation_at(board, "/a"), 2u);
    EXPECT_EQ(board.size(), 1u);
    EXPECT_EQ(board.generation(), 2u);
    EXPECT_EQ(in_flight.use_count(), 1);
    EXPECT_EQ(in_flight->view().representation(Format::json, Encoding::identity).body, "[1]");
}

TEST(Board, ACardThatMovesLeavesItsOldPath)
{
    Board board;
    board.publish(card("a", "/old", 1), 0);
    board.publish(card("a", "/new", 2), 0);
    EXPECT_EQ(board.find("/old"), nullptr);
    EXPECT_EQ(generation_at(board, "/new"), 2u);
}

TEST(Board, TwoCardsMaySwapTheirPaths)
{
    Board board;
    board.publish(card("a", "/x", 1), 0);
    board.publish(card("b", "/y", 2), 0);
    board.publish(card("a", "/y", 3), 0);
    board.publish(card("b", "/x", 4), 0);
    EXPECT_EQ(generation_at(board, "/y"), 3u);
    EXPECT_EQ(generation_at(board, "/x"), 4u);
    board.retract("a");
    EXPECT_EQ(board.find("/y"), nullptr);
    EXPECT_EQ(generation_at(board, "/x"), 4u);
}

TEST(Board, RetractOfTheFormerOwnerLeavesThePathToItsNewOne)
{
    Board board;
    board.publish(card("a", "/x", 1), 0);
    board.publish(card("b", "/x", 2), 0);
    board.retract("a");
    EXPECT_EQ(generation_at(board, "/x"), 2u);
    board.retract("nobody");
    EXPECT_EQ(board.size(), 1u);
}

TEST(Board, RenewIsForTheGenerationHeldAndNeverMakesItOlder)
{
    Board board;
    board.publish(card("a", "/a", 5), 1000);
    EXPECT_TRUE(board.renew("a", 5, 3000));
    EXPECT_EQ(board.find("/a")->verified_at_ms, 3000);
    EXPECT_TRUE(board.renew("a", 5, 2000));
    EXPECT_EQ(board.find("/a")->verified_at_ms, 3000);
    EXPECT_FALSE(board.renew("a", 4, 9000));
    EXPECT_FALSE(board.renew("b", 5, 9000));
    EXPECT_EQ(board.find("/a")->verified_at_ms, 3000);
}

TEST(Board, ASyncKeepsWhatWasConfirmedAndDropsTheRest)
{
    Board board;
    for (const char* name : {"published", "renewed", "kept", "stale-renew", "forgotten"}) {
        board.publish(card(name, std::string{"/"} + name, 1), 0);
    }
    board.begin_sync();
    EXPECT_EQ(board.size(), 5u) << "a sync under way takes nothing away";
    board.publish(card("published", "/published", 2), 0);
    EXPECT_TRUE(board.renew("renewed", 1, 10));
    board.keep("kept");
    board.keep("unknown");
    EXPECT_FALSE(board.renew("stale-renew", 9, 10));
    board.end_sync();
    EXPECT_EQ(board.size(), 3u);
    EXPECT_NE(board.find("/published"), nullptr);
    EXPECT_NE(board.find("/renewed"), nullptr);
    EXPECT_NE(board.find("/kept"), nullptr);
    EXPECT_EQ(board.find("/stale-renew"), nullptr);
    EXPECT_EQ(board.find("/forgotten"), nullptr);
}

TEST(Board, OutsideOfASyncEverythingIsConfirmed)
{
    Board board;
    board.publish(card("a", "/a", 1), 0);
    board.end_sync();
    EXPECT_EQ(board.size(), 1u);
}

TEST(Freshness, EndsExactlyAtItsLimits)
{
    EXPECT_EQ(freshness(0, 1000, 500), Freshness::fresh);
    EXPECT_EQ(freshness(1000, 1000, 500), Freshness::fresh);
    EXPECT_EQ(freshness(1001, 1000, 500), Freshness::stale);
    EXPECT_EQ(freshness(1500, 1000, 500), Freshness::stale);
    EXPECT_EQ(freshness(1501, 1000, 500), Freshness::gone);
    EXPECT_EQ(freshness(1, 0, 0), Freshness::gone);
    EXPECT_EQ(freshness(0, 0, 0), Freshness::fresh);
}

TEST(Freshness, HugeLimitsDoNotWrapAround)
{
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    constexpr auto oldest = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(freshness(oldest, most, most), Freshness::fresh);
    EXPECT_EQ(freshness(oldest, 1, most), Freshness::stale);
}

TEST(Entry, AgeIsZeroWhenTheClockStepsBack)
{
    const Entry entry{nullptr, 5000, true};
    EXPECT_EQ(entry.age_ms(7000), 2000);
    EXPECT_EQ(entry.age_ms(5000), 0);
    EXPECT_EQ(entry.age_ms(1000), 0);
}

}  // namespace
}  // namespace gatehouse::board
