// What a worker's board becomes by what the sidecar says, and what ends the connection.
#include "ngx_module/link/receiver.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/board/test_cards.h"

namespace gatehouse::link_feature {
namespace {

using board::test::card;
using link::Type;
using testing::HasSubstr;
using testing::Not;

/// A descriptor of the card's snapshot, as the sidecar would send it.
UniqueFd snapshot(std::string_view name, std::uint64_t generation, std::string_view body = "[]")
{
    const auto published = card(name, "/" + std::string{name}, generation, body);
    return UniqueFd{published ? ::fcntl(published->fd(), F_DUPFD_CLOEXEC, 0) : -1};
}

/// The same bytes in memory that its maker can still change.
UniqueFd unsealed_copy(const UniqueFd& from)
{
    const auto size = static_cast<std::size_t>(::lseek(from.get(), 0, SEEK_END));
    std::string bytes(size, '\0');
    UniqueFd to{::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    const bool copied = ::pread(from.get(), bytes.data(), size, 0) == static_cast<ssize_t>(size) &&
                        ::pwrite(to.get(), bytes.data(), size, 0) == static_cast<ssize_t>(size);
    return copied ? std::move(to) : UniqueFd{};
}

class ReceiverTest : public testing::Test {
protected:
    void SetUp() override { receiver_.begin(); }

    Result<Receiver::Effect> publish(const std::string& name, std::uint64_t generation,
                                     std::int64_t at_ms = 0, std::string_view body = "[]")
    {
        return receiver_.apply(
            {Type::publish, generation, at_ms, name, snapshot(name, generation, body)});
    }

    Result<Receiver::Effect> say(Type type, const std::string& payload = "",
                                 std::uint64_t generation = 0, std::int64_t at_ms = 0)
    {
        return receiver_.apply({type, generation, at_ms, payload, UniqueFd{}});
    }

    std::string refusal(link::Incoming message)
    {
        auto effect = receiver_.apply(std::move(message));
        return effect ? std::string{} : effect.error().message;
    }

    std::int64_t verified_at(std::string_view path) const
    {
        const auto* entry = board_.find(path);
        return entry == nullptr ? -1 : entry->verified_at_ms;
    }

    std::string_view body_of(std::string_view path) const
    {
        const auto* entry = board_.find(path);
        return entry == nullptr
                   ? "none"
                   : entry->published->view().representation(Format::json, Encoding::identity).body;
    }

    board::Board board_;
    std::vector<board::Table> tables_;
    Receiver receiver_{board_, [this](board::Table table) { tables_.push_back(std::move(table)); }};
};

TEST_F(ReceiverTest, APublishIsVisibleAndItsGenerationIsToBeConfirmed)
{
    EXPECT_FALSE(receiver_.received_cards());
    const auto effect = publish("a", 7, 500, "[1]");
    ASSERT_TRUE(effect) << effect.error().message;
    EXPECT_EQ(effect->published, 7u);
    EXPECT_FALSE(effect->synced);
    EXPECT_EQ(body_of("/a"), "[1]");
    EXPECT_EQ(verified_at("/a"), 500);
    EXPECT_TRUE(receiver_.received_cards());
    EXPECT_FALSE(receiver_.synced());
}

TEST_F(ReceiverTest, WhatIsNoSnapshotIsRefusedAndTheCardStays)
{
    ASSERT_TRUE(publish("a", 1, 0, "[1]"));
    EXPECT_THAT(refusal({Type::publish, 2, 0, "a", UniqueFd{}}),
                HasSubstr("card \"a\" is refused: it came without a descriptor"));
    EXPECT_THAT(refusal({Type::publish, 2, 0, "a", unsealed_copy(snapshot("a", 2, "[2]"))}),
                HasSubstr("card \"a\" is refused"));
    EXPECT_THAT(
        refusal({Type::publish, 2, 0, "a", UniqueFd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}}),
        HasSubstr("card \"a\" is refused"));
    const auto text = SealedMemory::create("test", 4096, [](auto) { return Result<void>{}; });
    ASSERT_TRUE(text);
    EXPECT_THAT(
        refusal({Type::publish, 2, 0, "a", UniqueFd{::fcntl(text->fd(), F_DUPFD_CLOEXEC, 0)}}),
        HasSubstr("card \"a\" is refused"));
    EXPECT_EQ(body_of("/a"), "[1]");
}

TEST_F(ReceiverTest, ASnapshotThatIsNotTheAnnouncedOneIsRefused)
{
    EXPECT_THAT(refusal({Type::publish, 2, 0, "a", snapshot("b", 2)}),
                HasSubstr("name or generation differs"));
    EXPECT_THAT(refusal({Type::publish, 2, 0, "a", snapshot("a", 3)}),
                HasSubstr("name or generation differs"));
    EXPECT_EQ(board_.size(), 0u);
}

TEST_F(ReceiverTest, ATableGoesToWhoeverItIsForAndIsConfirmed)
{
    const auto text = SealedMemory::create("test", 5, [](auto) { return Result<void>{}; });
    ASSERT_TRUE(text);
    const auto effect = receiver_.apply(
        {Type::table, 9, 0, "tokens", UniqueFd{::fcntl(text->fd(), F_DUPFD_CLOEXEC, 0)}});
    ASSERT_TRUE(effect) << effect.error().message;
    EXPECT_EQ(effect->published, 9u);
    ASSERT_EQ(tables_.size(), 1u);
    EXPECT_EQ(tables_[0].name, "tokens");
    EXPECT_EQ(tables_[0].generation, 9u);
    EXPECT_EQ(tables_[0].memory->bytes().size(), 5u);
}

TEST_F(ReceiverTest, ATableThatItsMakerCanStillChangeIsRefused)
{
    EXPECT_THAT(refusal({Type::table, 1, 0, "tokens", UniqueFd{}}),
                HasSubstr("table \"tokens\" is refused: it came without a descriptor"));
    EXPECT_THAT(refusal({Type::table, 1, 0, "tokens", unsealed_copy(snapshot("a", 2))}),
                HasSubstr("table \"tokens\" is refused"));
    EXPECT_THAT(refusal({Type::table, 1, 0, std::string(256, 'x'), snapshot("a", 1)}),
                HasSubstr("that is no name"));
    EXPECT_TRUE(tables_.empty());
}

TEST_F(ReceiverTest, ARenewalMovesTheTimeOfTheVeryBytesItNames)
{
    ASSERT_TRUE(publish("a", 7, 500));
    ASSERT_TRUE(say(Type::renew, "a", 7, 900));
    EXPECT_EQ(verified_at("/a"), 900);
    ASSERT_TRUE(say(Type::renew, "a", 8, 2000));
    ASSERT_TRUE(say(Type::renew, "unknown", 7, 2000));
    EXPECT_EQ(verified_at("/a"), 900);
}

TEST_F(ReceiverTest, SyncedDropsWhatThisConnectionDidNotName)
{
    for (const auto* name : {"published", "renewed", "kept", "unnamed"}) {
        ASSERT_TRUE(publish(name, 1));
    }
    receiver_.begin();
    EXPECT_FALSE(receiver_.received_cards());
    ASSERT_TRUE(publish("published", 2));
    ASSERT_TRUE(say(Type::renew, "renewed", 1, 5));
    ASSERT_TRUE(say(Type::keep, "kept"));
    EXPECT_EQ(board_.size(), 4u) << "before synced everything stays";
    const auto effect = say(Type::synced);
    ASSERT_TRUE(effect);
    EXPECT_TRUE(effect->synced);
    EXPECT_TRUE(receiver_.synced());
    EXPECT_EQ(board_.find("/unnamed"), nullptr);
    EXPECT_EQ(board_.size(), 3u);
    receiver_.begin();
    EXPECT_FALSE(receiver_.synced()) << "a new connection has not sent its set";
    EXPECT_EQ(board_.size(), 3u);
}

TEST_F(ReceiverTest, ARetractedCardIsGoneAndABeatChangesNothing)
{
    ASSERT_TRUE(publish("a", 1));
    ASSERT_TRUE(publish("b", 2));
    ASSERT_TRUE(say(Type::retract, "a"));
    ASSERT_TRUE(say(Type::retract, "unknown"));
    ASSERT_TRUE(say(Type::beat));
    EXPECT_EQ(board_.find("/a"), nullptr);
    EXPECT_EQ(board_.size(), 1u);
}

TEST_F(ReceiverTest, ARefusalEndsTheConnectionInTheSidecarsWords)
{
    EXPECT_EQ(refusal({Type::refused, 0, 0, "go away", UniqueFd{}}),
              "the sidecar refused it: \"go away\"");
}

TEST_F(ReceiverTest, APeersTextStaysOnOneShortLineOfTheLog)
{
    const auto message =
        refusal({Type::refused, 0, 0, "a\nb\x1b" + std::string(10'000, 'x'), UniqueFd{}});
    EXPECT_LT(message.size(), 400u);
    EXPECT_THAT(message, Not(HasSubstr("\n")));
    EXPECT_THAT(message, Not(HasSubstr("\x1b")));
}

TEST_F(ReceiverTest, WhatOnlyAWorkerSaysIsNoMessageOfASidecar)
{
    for (const auto type :
         {Type::hello, Type::applied, Type::used, Type::wanted, static_cast<Type>(0),
          static_cast<Type>(77), static_cast<Type>(65535)}) {
        EXPECT_THAT(refusal({type, 1, 0, "a", UniqueFd{}}),
                    HasSubstr("unknown type " + std::to_string(static_cast<unsigned>(type))));
    }
}

}  // namespace
}  // namespace gatehouse::link_feature
