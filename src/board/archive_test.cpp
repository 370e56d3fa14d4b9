// The board file: what was written is read back, and its heartbeat says how old it is.
// What becomes of damaged files is in archive_damage_test.cpp.
#include "src/board/archive.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "src/board/test_cards.h"
#include "src/board/test_directory.h"

namespace gatehouse::board {
namespace {

using test::card;
using test::TestDirectory;

Archive three_cards()
{
    return {42,
            1'700'000'000'000,
            {{card("a", "/a", 40, "[1]"), 1000, true, 17, {0x0123'4567'89ab'cdef, 42}},
             {card("b", "/b", 42, std::string(100'000, 'x')), 2000, false},
             {card("c", "/c", 41, ""), 3000, true}}};
}

TEST(Archive, IsReadBackAsItWasWritten)
{
    const TestDirectory directory;
    const auto file = directory / "board";
    const auto written = three_cards();
    ASSERT_TRUE(ArchiveWriter{file}.write(written));
    const auto read = read_archive(file);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->generation, 42u);
    EXPECT_EQ(read->written_at_ms, 1'700'000'000'000);
    ASSERT_EQ(read->cards.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& before = written.cards[i];
        const auto& after = read->cards[i];
        EXPECT_EQ(after.verified_at_ms, before.verified_at_ms);
        EXPECT_EQ(after.current, before.current);
        EXPECT_EQ(after.rows, before.rows);
        EXPECT_EQ(after.basis, before.basis);
        ASSERT_EQ(after.published->bytes().size(), before.published->bytes().size());
        EXPECT_EQ(std::memcmp(after.published->bytes().data(), before.published->bytes().data(),
                              before.published->bytes().size()),
                  0);
    }
}

TEST(Archive, AnEmptyBoardIsABoard)
{
    const TestDirectory directory;
    ASSERT_TRUE(ArchiveWriter{directory / "board"}.write({9, 5, {}}));
    const auto read = read_archive(directory / "board");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->generation, 9u);
    EXPECT_TRUE(read->cards.empty());
}

TEST(Archive, CanBeWrittenAgainFromWhatWasRead)
{
    const TestDirectory directory;
    ASSERT_TRUE(ArchiveWriter{directory / "one"}.write(three_cards()));
    const auto read = read_archive(directory / "one");
    ASSERT_TRUE(read);
    ASSERT_TRUE(ArchiveWriter{directory / "two"}.write(*read));
    EXPECT_EQ(directory.content("one"), directory.content("two"));
}

TEST(Archive, IsNotForTheWorldToReadAndLeavesNoTemporaryFile)
{
    const TestDirectory directory;
    ASSERT_TRUE(ArchiveWriter{directory / "board"}.write(three_cards()));
    struct stat status {};
    ASSERT_EQ(::stat((directory / "board").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, static_cast<mode_t>(0640));
    EXPECT_FALSE(archive_exists(directory / "board.new"));
}

TEST(Archive, AFailedWriteLeavesTheOldFile)
{
    const TestDirectory directory;
    const auto file = directory / "board";
    ArchiveWriter writer{file};
    ASSERT_TRUE(writer.write(three_cards()));
    ASSERT_EQ(::mkdir((file + ".new").c_str(), 0700), 0);
    const auto second = writer.write({43, 0, {}});
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find(file), std::string::npos);
    const auto read = read_archive(file);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->generation, 42u);
}

TEST(Archive, AWriteToAMissingDirectoryIsAnErrorThatNamesIt)
{
    const auto written = ArchiveWriter{"/nonexistent/board"}.write(three_cards());
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("/nonexistent/board"), std::string::npos);
}

TEST(Archive, GenerationOfAFileWithoutReadingAllOfIt)
{
    const TestDirectory directory;
    EXPECT_EQ(archive_generation(directory / "board"), 0u);
    ASSERT_TRUE(ArchiveWriter{directory / "board"}.write(three_cards()));
    EXPECT_EQ(archive_generation(directory / "board"), 42u);
    directory.write("board", std::string(64, 'x'));
    EXPECT_EQ(archive_generation(directory / "board"), 0u);
    directory.write("board", "");
    EXPECT_EQ(archive_generation(directory / "board"), 0u);
}

/// When the three cards of the file count as verified, or nothing if it cannot be read.
std::vector<std::int64_t> verified_at(const std::string& file)
{
    std::vector<std::int64_t> times;
    if (const auto read = read_archive(file)) {
        for (const auto& found : read->cards) {
            times.push_back(found.verified_at_ms);
        }
    }
    return times;
}

using Times = std::vector<std::int64_t>;

TEST(Heartbeat, VerifiesWhatIsCurrentAndNothingElse)
{
    const TestDirectory directory;
    const auto file = directory / "board";
    ArchiveWriter writer{file};
    writer.beat(1);  // nothing is written yet
    ASSERT_TRUE(writer.write(three_cards()));
    writer.beat(9000);
    EXPECT_EQ(verified_at(file), (Times{9000, 2000, 9000}));
    writer.beat(9500);
    EXPECT_EQ(verified_at(file), (Times{9500, 2000, 9500}));
}

TEST(Heartbeat, NeverMakesACardOlder)
{
    const TestDirectory directory;
    const auto file = directory / "board";
    ArchiveWriter writer{file};
    ASSERT_TRUE(writer.write(three_cards()));
    writer.beat(2500);
    EXPECT_EQ(verified_at(file), (Times{2500, 2000, 3000}));
}

TEST(Heartbeat, OneTornSlotLeavesTheOther)
{
    const TestDirectory directory;
    const auto file = directory / "board";
    ArchiveWriter writer{file};
    ASSERT_TRUE(writer.write(three_cards()));
    writer.beat(8000);  // slot 0
    writer.beat(9000);  // slot 1
    auto bytes = directory.content("board");
    bytes[heartbeat_offsets[1]] ^= 1;
    directory.write("board", bytes);
    EXPECT_EQ(verified_at(file), (Times{8000, 2000, 8000}));
}

TEST(Heartbeat, OfAnotherFileIsNoneOfThisOne)
{
    const TestDirectory directory;
    ArchiveWriter one{directory / "one"};
    ArchiveWriter two{directory / "two"};
    ASSERT_TRUE(one.write(three_cards()));
    auto other = three_cards();
    other.cards[0].verified_at_ms = 1001;
    ASSERT_TRUE(two.write(other));
    two.beat(9000);
    auto bytes = directory.content("one");
    bytes.replace(512, 16, directory.content("two"), 512, 16);
    directory.write("one", bytes);
    EXPECT_EQ(verified_at(directory / "one"), (Times{1000, 2000, 3000}));
}

TEST(Heartbeat, IsInTheStampOfTheFile)
{
    const TestDirectory directory;
    const auto file = directory / "board";
    EXPECT_EQ(archive_stamp(file).alive_at_ms, 0);
    ArchiveWriter writer{file};
    auto archive = three_cards();
    archive.written_at_ms = 5000;
    ASSERT_TRUE(writer.write(archive));
    EXPECT_EQ(archive_stamp(file).generation, 42u);
    EXPECT_EQ(archive_stamp(file).alive_at_ms, 5000) << "no beat yet";
    writer.beat(6000);
    EXPECT_EQ(archive_stamp(file).alive_at_ms, 6000);
    writer.beat(4000);
    EXPECT_EQ(archive_stamp(file).alive_at_ms, 6000);
}

TEST(Heartbeat, GoesToTheFileLastWritten)
{
    const TestDirectory directory;
    const auto file = directory / "board";
    ArchiveWriter writer{file};
    ASSERT_TRUE(writer.write(three_cards()));
    ASSERT_TRUE(writer.write(three_cards()));
    writer.beat(9000);
    EXPECT_EQ(verified_at(file), (Times{9000, 2000, 9000}));
}

}  // namespace
}  // namespace gatehouse::board
