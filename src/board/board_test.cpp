#include "src/board/board.h"

#include <gtest/gtest.h>

#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <vector>

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

std::shared_ptr<const Published> variant(std::string_view card_name, std::string_view key,
                                         std::uint64_t generation)
{
    return card(variant_name(card_name, key), key, generation);
}

TEST(Board, FindsVariantsByTheirKeysAlone)
{
    Board board;
    board.publish(card("a", "/a", 1), 0);
    board.publish(variant("v", "/v/7?x=1", 2), 0);
    board.publish(variant("v", "/v/7", 3), 0);
    ASSERT_NE(board.find_variant("/v/7?x=1"), nullptr);
    EXPECT_EQ(board.find_variant("/v/7?x=1")->published->view().name(), "v /v/7?x=1");
    EXPECT_EQ(board.find_variant("/v/7")->published->view().generation(), 3u);
    for (const std::string_view path : {"/v/7?x=1", "/v/7", "v /v/7"}) {
        EXPECT_EQ(board.find(path), nullptr) << path;
    }
    EXPECT_EQ(board.find_variant("/a"), nullptr);
    EXPECT_EQ(board.find_variant("/v/7?x=2"), nullptr);
    EXPECT_EQ(board.size(), 1u);
    EXPECT_EQ(board.variants(), 2u);
    std::size_t visited = 0;
    board.for_each([&](const Entry&) { ++visited; });
    EXPECT_EQ(visited, 1u);
}

TEST(Board, KeepsVariantsAsItKeepsCards)
{
    Board board;
    board.publish(variant("v", "/v/1", 1), 0);
    board.publish(variant("v", "/v/2", 2), 0);
    EXPECT_TRUE(board.renew("v /v/1", 1, 50));
    EXPECT_EQ(board.find_variant("/v/1")->verified_at_ms, 50);
    EXPECT_FALSE(board.renew("v /v/1", 2, 60));
    board.begin_sync();
    board.keep("v /v/2");
    board.end_sync();
    EXPECT_EQ(board.find_variant("/v/1"), nullptr);
    ASSERT_NE(board.find_variant("/v/2"), nullptr);
    board.retract("v");
    EXPECT_EQ(board.variants(), 1u);
    board.retract("v /v/2");
    EXPECT_EQ(board.find_variant("/v/2"), nullptr);
    EXPECT_EQ(board.generation(), 2u);
}

TEST(Board, AVariantThatIsServedOutlivesItsRetraction)
{
    Board board;
    board.publish(variant("v", "/v/1", 1), 0);
    const auto in_flight = board.find_variant("/v/1")->published;
    board.retract("v /v/1");
    EXPECT_EQ(in_flight->view().representation(Format::json, Encoding::identity).body, "[]");
}

/// Memory of the process in use, as malloc counts it.
std::size_t allocated()
{
    return ::mallinfo2().uordblks;
}

TEST(Board, AMillionVariantsLeaveNothingBehind)
{
    // The same bytes under two names each: what is counted is the board's own.
    std::vector<std::shared_ptr<const Published>> variants;
    for (int i = 0; i < 1000; ++i) {
        variants.push_back(variant("v", "/v/" + std::to_string(i), 1));
    }
    Board board;
    const auto round = [&] {
        for (const auto& one : variants) {
            board.publish(one, 0);
        }
        for (const auto& one : variants) {
            board.retract(one->view().name());
        }
    };
    round();
    const auto before = allocated();
    for (int i = 0; i < 1000; ++i) {
        round();
    }
    EXPECT_EQ(board.variants(), 0u);
    EXPECT_LE(allocated(), before + 4096);
}

/// Descriptors of the process.
std::size_t descriptors()
{
    const std::filesystem::directory_iterator open{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

TEST(Board, SmallSnapshotsHoldNoDescriptors)
{
    const auto before = descriptors();
    Board board;
    for (int i = 0; i < 100; ++i) {
        const auto key = "/v/" + std::to_string(i);
        const auto built = variant("v", key, 1);
        const UniqueFd fd{::dup(built->fd())};
        auto memory = SealedMemory::adopt(UniqueFd{::dup(fd.get())});
        ASSERT_TRUE(memory);
        auto adopted = Published::adopt(std::move(*memory));
        ASSERT_TRUE(adopted);
        EXPECT_EQ((*adopted)->fd(), -1);
        board.publish(*adopted, 0);
    }
    EXPECT_EQ(descriptors(), before);
    EXPECT_EQ(board.find_variant("/v/7")->published->view().name(), "v /v/7");
}

TEST(Board, WhatIsSentByItsDescriptorKeepsIt)
{
    const auto built = card("large", "/large", 1, std::string(sendfile_threshold, 'x'));
    auto memory = SealedMemory::adopt(UniqueFd{::dup(built->fd())});
    ASSERT_TRUE(memory);
    EXPECT_GE((*Published::adopt(std::move(*memory)))->fd(), 0);
    const auto below = card("below", "/below", 1, std::string(sendfile_threshold - 1, 'x'));
    memory = SealedMemory::adopt(UniqueFd{::dup(below->fd())});
    ASSERT_TRUE(memory);
    EXPECT_EQ((*Published::adopt(std::move(*memory)))->fd(), -1);
}

}  // namespace
}  // namespace gatehouse::board
