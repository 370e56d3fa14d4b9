// Table files: what is written is read, and what is damaged is not.
#include "src/board/table.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "src/board/test_directory.h"

namespace gatehouse::board {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Table table(const std::string& name, std::uint64_t generation, const std::string& text)
{
    auto memory =
        SealedMemory::create("test", text.size(), [&](std::span<std::byte> out) -> Result<void> {
            std::memcpy(out.data(), text.data(), text.size());
            return {};
        });
    return {name, generation, std::make_shared<const SealedMemory>(std::move(*memory))};
}

std::string text_of(const Table& table)
{
    const auto bytes = table.memory->bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class TableFile : public testing::Test {
protected:
    std::string write(const std::string& name, std::uint64_t generation, const std::string& text)
    {
        const auto file = table_file(board_, name);
        const auto written =
            write_table_file(file, static_cast<gid_t>(-1), table(name, generation, text));
        EXPECT_TRUE(written) << written.error().message;
        return file;
    }

    static std::string refusal(const std::string& file)
    {
        const auto read = read_table_file(file);
        return read ? "" : read.error().message;
    }

    test::TestDirectory directory_;
    std::string board_ = directory_ / "board";
};

TEST_F(TableFile, IsReadAsItWasWritten)
{
    const auto file = write("tokens", 7, "twelve bytes");
    EXPECT_EQ(table_file_generation(file), 7u);
    const auto read = read_table_file(file);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->name, "tokens");
    EXPECT_EQ(read->generation, 7u);
    EXPECT_EQ(text_of(*read), "twelve bytes");
}

TEST_F(TableFile, IsFoundByItsBoard)
{
    write("tokens", 1, "a");
    write("jwks:main", 1, "b");
    std::ofstream{board_ + ".table.tokens.new"} << "half a file";
    std::ofstream{board_} << "the board itself";
    EXPECT_THAT(filed_tables(board_), ElementsAre("jwks:main", "tokens"));
    EXPECT_THAT(filed_tables(directory_ / "nowhere/board"), ElementsAre());
}

TEST_F(TableFile, IsRefusedAtEveryFlippedBitThatCounts)
{
    const auto file = write("tokens", 7, "twelve bytes");
    std::string whole(table_offset + 12, '\0');
    std::ifstream{file, std::ios::binary}.read(whole.data(),
                                               static_cast<std::streamsize>(whole.size()));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        if (at >= sizeof(TableFileHeader) && at < table_offset) {
            continue;  // the hole
        }
        auto damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        std::ofstream{file, std::ios::binary} << damaged;
        ASSERT_NE(refusal(file), "") << "byte " << at;
    }
}

TEST_F(TableFile, IsRefusedAtEveryOtherLength)
{
    const auto file = write("tokens", 7, "twelve bytes");
    for (const std::size_t size : {0u, 1u, 303u, 304u, 4095u, 4096u, 4107u, 4109u}) {
        write("tokens", 7, "twelve bytes");
        ASSERT_EQ(::truncate(file.c_str(), static_cast<off_t>(size)), 0);
        EXPECT_NE(refusal(file), "") << size << " bytes";
        EXPECT_EQ(table_file_generation(file), 0u);
    }
}

TEST_F(TableFile, IsRefusedWhereItIsNoPlainFile)
{
    const auto file = write("tokens", 7, "twelve bytes");
    const auto link = directory_ / "link";
    ASSERT_EQ(::symlink(file.c_str(), link.c_str()), 0);
    EXPECT_THAT(refusal(link), HasSubstr("is a symbolic link"));
    const auto fifo = directory_ / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_THAT(refusal(fifo), HasSubstr("not a regular file"));
    ASSERT_EQ(::chmod(file.c_str(), 0666), 0);
    EXPECT_THAT(refusal(file), HasSubstr("everybody may write to it"));
    EXPECT_THAT(refusal(directory_ / "none"), HasSubstr("No such file"));
}

}  // namespace
}  // namespace gatehouse::board
