#include "sidecar/sources/unpacked.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::sources {
namespace {

/// More than a piece, and unlike itself everywhere.
std::string long_text()
{
    std::string text;
    for (int i = 0; text.size() < 1'000'000; ++i) {
        text += std::to_string(2'654'435'761u * static_cast<unsigned>(i)) + ' ';
    }
    return text;
}

std::string gzip(const std::string& text)
{
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string zstd(const std::string& text)
{
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
    return out;
}

std::string read(const std::string& name, const std::string& bytes)
{
    const auto path = testing::TempDir() + std::to_string(::getpid()) + name;
    std::ofstream(path, std::ios::binary) << bytes;
    std::string text;
    read_unpacked(path, [&](std::string_view piece) {
        text += piece;
        return true;
    });
    std::filesystem::remove(path);
    return text;
}

TEST(Unpacked, IsTheTextWhateverItIsPackedIn)
{
    const auto text = long_text();
    EXPECT_EQ(read("a.json", text), text);
    EXPECT_EQ(read("a.json.gz", gzip(text)), text);
    EXPECT_EQ(read("a.json.gz", gzip(text) + gzip("more")), text + "more");
    EXPECT_EQ(read("a.json.zst", zstd(text)), text);
    EXPECT_EQ(read("a.json.zst", zstd(text) + zstd("more")), text + "more");
    EXPECT_EQ(read("a.json.zst", zstd(std::string(1'000'000, 'a'))), std::string(1'000'000, 'a'))
        << "many pieces of a few bytes";
}

TEST(Unpacked, EndsWhereTheFileIsDamaged)
{
    const auto text = long_text();
    for (const auto& [name, packed] : {std::pair{"b.gz", gzip(text)}, {"b.zst", zstd(text)}}) {
        const auto half = read(name, packed.substr(0, packed.size() / 2));
        EXPECT_GT(half.size(), 0u) << name;
        EXPECT_TRUE(text.starts_with(half)) << name;
    }
    EXPECT_EQ(read("b.zst", "not packed"), "");
    EXPECT_EQ(read("b.gz", "not packed"), "not packed") << "which the engine refuses";
}

TEST(Unpacked, EndsWhenTheReaderHasEnough)
{
    const auto path = testing::TempDir() + std::to_string(::getpid()) + "c";
    std::ofstream(path, std::ios::binary) << long_text();
    int pieces = 0;
    read_unpacked(path, [&](std::string_view) { return ++pieces < 2; });
    EXPECT_EQ(pieces, 2);
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace gatehouse::sources
