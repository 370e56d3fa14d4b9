// Damaged board files: all of the file is taken, or nothing, whatever is wrong with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "src/board/archive.h"
#include "src/board/checksum.h"
#include "src/board/test_cards.h"
#include "src/board/test_directory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace gatehouse::board {
namespace {

using test::card;
using test::TestDirectory;
using testing::HasSubstr;

class DamagedArchive : public testing::Test {
protected:
    void SetUp() override
    {
        ArchiveWriter writer{file_};
        ASSERT_TRUE(writer.write(
            {7,
             5,
             {{card("a", "/a", 6, "[1]"), 1000, true}, {card("b", "/b", 7, "[2]"), 2000, false}}}));
        writer.beat(1500);
        good_ = directory_.content("board");
        ASSERT_GT(good_.size(), archive_entries_offset);
    }

    /// Why the file with these bytes is refused; empty if it is not.
    std::string refusal(std::string_view bytes)
    {
        directory_.write("board", bytes);
        return refusal();
    }

    std::string refusal() const
    {
        const auto read = read_archive(file_);
        return read ? std::string{} : read.error().message;
    }

    /// Flips bits of one byte where it lies: to write thousands of files anew would take the disk's
    /// time.
    void flip(std::size_t at, unsigned bits)
    {
        std::fstream file{file_, std::ios::binary | std::ios::in | std::ios::out};
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(static_cast<unsigned char>(good_[at]) ^ bits));
    }

    /// The header after a change, its checksum made good again.
    template <class Change>
    std::string with_header(Change change) const
    {
        std::string bytes = good_;
        ArchiveHeader header;
        std::memcpy(&header, bytes.data(), sizeof header);
        change(header);
        header.header_checksum = header_checksum(header);
        std::memcpy(bytes.data(), &header, sizeof header);
        return bytes;
    }

    /// An entry after a change, all checksums made good again.
    template <class Change>
    std::string with_entry(std::size_t index, Change change) const
    {
        std::string bytes = good_;
        ArchiveEntry entry;
        const auto at = archive_entries_offset + index * sizeof entry;
        std::memcpy(&entry, bytes.data() + at, sizeof entry);
        change(entry);
        std::memcpy(bytes.data() + at, &entry, sizeof entry);
        ArchiveHeader header;
        std::memcpy(&header, bytes.data(), sizeof header);
        header.index_checksum = XXH3_64bits(bytes.data() + archive_entries_offset,
                                            header.entry_count * sizeof(ArchiveEntry));
        header.header_checksum = header_checksum(header);
        std::memcpy(bytes.data(), &header, sizeof header);
        return bytes;
    }

    TestDirectory directory_;
    std::string file_ = directory_ / "board";
    std::string good_;
};

TEST_F(DamagedArchive, TruncatedAtEveryLengthIsRefused)
{
    EXPECT_EQ(refusal(), "");
    for (std::size_t size = good_.size(); size-- > 0;) {
        ASSERT_EQ(::truncate(file_.c_str(), static_cast<off_t>(size)), 0);
        ASSERT_NE(refusal(), "") << size;
    }
}

TEST_F(DamagedArchive, LongerThanItsHeaderSaysIsRefused)
{
    EXPECT_THAT(refusal(good_ + '\0'), HasSubstr("its header says"));
}

/// Whether damage at this byte cannot matter: holes between the parts, and the heartbeats, without
/// which the cards count as older.
bool is_harmless(std::size_t at, std::size_t cards_end)
{
    const bool before_entries = at >= sizeof(ArchiveHeader) && at < archive_entries_offset;
    const bool in_entries = at < archive_entries_offset + 2 * sizeof(ArchiveEntry);
    const bool between_cards = (at >= cards_end && at < 12288) || (!in_entries && at < 8192);
    return before_entries || (at >= archive_entries_offset && between_cards);
}

/// Every bit of header and index; of the rest one bit of each byte, for the checksum treats them
/// alike.
TEST_F(DamagedArchive, EveryFlippedBitIsRefusedOrChangesNoCard)
{
    const auto first_card_end =
        8192 + static_cast<std::size_t>(card("a", "/a", 6, "[1]")->view().total_size());
    for (std::size_t at = 0; at < good_.size(); ++at) {
        const bool harmless = is_harmless(at, first_card_end);
        const bool all_bits = !harmless && at < 8192;
        for (unsigned bit = all_bits ? 0 : at % 8; bit < (all_bits ? 8 : at % 8 + 1); ++bit) {
            flip(at, 1u << bit);
            const auto why = refusal();
            flip(at, 0);
            ASSERT_EQ(why.empty(), harmless) << "byte " << at << " bit " << bit << ": " << why;
        }
    }
}

TEST_F(DamagedArchive, ADamagedHeartbeatNeverMakesACardYounger)
{
    for (std::size_t at = 512; at < 528; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            flip(at, 1u << bit);
            const auto read = read_archive(file_);
            ASSERT_TRUE(read);
            EXPECT_EQ(read->cards[0].verified_at_ms, 1000);
        }
        flip(at, 0);
    }
}

TEST_F(DamagedArchive, AnotherVersionIsRefusedByName)
{
    const auto newer = with_header([](auto& header) { ++header.version; });
    EXPECT_THAT(refusal(newer), HasSubstr("has version 3, expected 2"));
    const auto older = with_header([](auto& header) { --header.version; });
    EXPECT_THAT(refusal(older), HasSubstr("has version 1, expected 2"));
    EXPECT_EQ(archive_generation(file_), 7u) << "is taken over all the same";
    EXPECT_THAT(refusal(newer), HasSubstr(file_));
}

TEST_F(DamagedArchive, AnotherMagicIsRefused)
{
    EXPECT_THAT(
        refusal(with_header([](auto& header) { header.magic = __builtin_bswap64(header.magic); })),
        HasSubstr("wrong magic"));
    EXPECT_THAT(refusal(std::string(8192, '\0')), HasSubstr("wrong magic"));
    EXPECT_THAT(refusal(std::string(8192, 'x')), HasSubstr("wrong magic"));
}

TEST_F(DamagedArchive, LyingCountsAndSizesAreRefused)
{
    EXPECT_THAT(refusal(with_header([](auto& header) { header.entry_count = ~0u; })),
                HasSubstr("more cards than room"));
    EXPECT_THAT(refusal(with_header([](auto& header) { header.entry_count = 1; })),
                HasSubstr("index checksum"));
    EXPECT_THAT(refusal(with_header([](auto& header) { header.total_size = ~0ull; })),
                HasSubstr("its header says"));
}

TEST_F(DamagedArchive, EntriesThatPointAstrayAreRefused)
{
    for (const std::uint64_t offset :
         {0ull, 1ull, 4096ull, 8193ull, 8192ull + 4096, 1ull << 40, ~0ull - 4095, ~0ull}) {
        EXPECT_NE(refusal(with_entry(0, [&](auto& entry) { entry.offset = offset; })), "")
            << offset;
    }
    for (const std::uint64_t size : {0ull, 1ull, 1ull << 40, ~0ull, ~0ull - 8191}) {
        EXPECT_NE(refusal(with_entry(0, [&](auto& entry) { entry.size = size; })), "") << size;
    }
}

TEST_F(DamagedArchive, AnotherCardsBytesInItsPlaceAreRefused)
{
    ArchiveEntry second;
    std::memcpy(&second, good_.data() + archive_entries_offset + sizeof second, sizeof second);
    EXPECT_THAT(refusal(with_entry(0, [&](auto& entry) { entry.offset = second.offset; })),
                HasSubstr("checksum does not match"));
}

TEST_F(DamagedArchive, WhatIsNoRegularFileIsRefusedAtOnce)
{
    ASSERT_EQ(::rename(file_.c_str(), (directory_ / "real").c_str()), 0);
    EXPECT_THAT(refusal(), HasSubstr("No such file"));
    EXPECT_FALSE(archive_exists(file_));

    ASSERT_EQ(::symlink("real", file_.c_str()), 0);
    EXPECT_THAT(refusal(), HasSubstr("is a symbolic link"));
    EXPECT_EQ(archive_generation(file_), 0u);
    EXPECT_TRUE(archive_exists(file_));
    ASSERT_EQ(::unlink(file_.c_str()), 0);

    ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);  // nobody ever writes to it
    EXPECT_THAT(refusal(), HasSubstr("not a regular file"));
    EXPECT_EQ(archive_generation(file_), 0u);
    ASSERT_EQ(::unlink(file_.c_str()), 0);

    ASSERT_EQ(::mkdir(file_.c_str(), 0700), 0);
    EXPECT_THAT(refusal(), HasSubstr("not a regular file"));
}

TEST_F(DamagedArchive, AFileWithoutPermissionIsRefused)
{
    ASSERT_EQ(::chmod(file_.c_str(), 0), 0);
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        // root reads everything: be somebody else.
        if (::getuid() == 0 && ::setuid(65534) != 0) {
            ::_exit(2);
        }
        ::_exit(refusal().find("Permission denied") != std::string::npos ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(DamagedArchive, AFileEverybodyMayWriteToIsRefused)
{
    ASSERT_EQ(::chmod(file_.c_str(), 0666), 0);
    EXPECT_THAT(refusal(), HasSubstr("everybody may write to it"));
    ASSERT_EQ(::chmod(file_.c_str(), 0660), 0);
    EXPECT_EQ(refusal(), "");
}

TEST_F(DamagedArchive, AStrangersFileInADirectoryForEverybodyIsRefused)
{
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can give a file away";
    }
    constexpr uid_t nobody = 65534;
    const auto chown = [](const std::string& path, uid_t user) {
        return ::chown(path.c_str(), user, static_cast<gid_t>(-1));
    };
    ASSERT_EQ(chown(file_, nobody), 0);
    EXPECT_EQ(refusal(), "") << "only whom root let in can have put it there";
    ASSERT_EQ(::chmod(directory_.path().c_str(), 01777), 0);
    EXPECT_THAT(refusal(), HasSubstr("belongs to user id 65534"));
    ASSERT_EQ(chown(directory_.path(), nobody), 0);
    EXPECT_EQ(refusal(), "") << "the directory is its owner's";
}

TEST_F(DamagedArchive, WhatWasReadIsOursWhateverHappensToTheFile)
{
    const auto read = read_archive(file_);
    ASSERT_TRUE(read);
    ASSERT_EQ(::truncate(file_.c_str(), 0), 0);
    directory_.write("board", std::string(good_.size(), 'x'));
    for (const auto& found : read->cards) {
        EXPECT_TRUE(found.published->view().checksum_matches());
        EXPECT_FALSE(found.published->owns_memory()) << "several cards share the file's memory";
    }
}

}  // namespace
}  // namespace gatehouse::board
