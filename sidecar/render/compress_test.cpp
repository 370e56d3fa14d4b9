#include "sidecar/render/compress.h"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <random>

namespace gatehouse::render {
namespace {

using std::chrono::milliseconds;

std::string gunzip(const std::string& bytes, std::size_t size)
{
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string out(size + 1, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

std::string unbr(const std::string& bytes, std::size_t size)
{
    std::string out(size + 1, '\0');
    std::size_t length = out.size();
    EXPECT_EQ(
        BrotliDecoderDecompress(bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                &length, reinterpret_cast<std::uint8_t*>(out.data())),
        BROTLI_DECODER_RESULT_SUCCESS);
    out.resize(length);
    return out;
}

std::string unzstd(const std::string& bytes, std::size_t size)
{
    std::string out(size + 1, '\0');
    out.resize(ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()));
    return out;
}

std::string decoded(Encoding encoding, const std::string& bytes, std::size_t size)
{
    switch (encoding) {
    case Encoding::gzip: return gunzip(bytes, size);
    case Encoding::br: return unbr(bytes, size);
    default: return unzstd(bytes, size);
    }
}

std::string records(std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += "{\"time\":" + std::to_string(i) + ",\"value\":" + std::to_string(i * 0.37) + "},";
    }
    return text;
}

TEST(Compress, DecodersOfTheLibrariesGiveTheBodyBack)
{
    for (const std::size_t count : {10u, 1'000u, 100'000u}) {
        const std::string body = records(count);
        for (const Encoding encoding : {Encoding::gzip, Encoding::br, Encoding::zstd}) {
            for (const Effort effort : {Effort::low, Effort::medium}) {
                const auto encoded = compress(body, encoding, effort);
                ASSERT_TRUE(encoded);
                EXPECT_LT(encoded->size(), body.size());
                EXPECT_EQ(decoded(encoding, *encoded, body.size()), body);
            }
        }
    }
}

TEST(Compress, TheSameBytesEachTime)
{
    const std::string body = records(1'000);
    for (const Encoding encoding : {Encoding::gzip, Encoding::br, Encoding::zstd}) {
        EXPECT_EQ(compress(body, encoding, Effort::high), compress(body, encoding, Effort::high));
    }
    // RFC 1952: bytes 4 to 7 are the time, which must not be there.
    EXPECT_EQ(compress(body, Encoding::gzip, Effort::high)->substr(4, 4), std::string(4, '\0'));
}

TEST(Compress, LeavesWhatDoesNotShrink)
{
    EXPECT_FALSE(compress(records(5), Encoding::zstd, Effort::high)) << "under 256 bytes";
    EXPECT_FALSE(compress(records(1'000), Encoding::identity, Effort::high));
    std::mt19937 random(1);
    std::string noise(100'000, '\0');
    for (char& c : noise) {
        c = static_cast<char>(random());
    }
    for (const Encoding encoding : {Encoding::gzip, Encoding::br, Encoding::zstd}) {
        EXPECT_FALSE(compress(noise, encoding, Effort::high));
    }
}

TEST(Compress, EffortFollowsRhythmAndSize)
{
    constexpr std::size_t small = 1 << 20;
    constexpr std::size_t large = 9 << 20;
    EXPECT_EQ(effort_for(config::OnChange{}, small), Effort::high);
    EXPECT_EQ(effort_for(config::OnChange{}, large), Effort::medium);
    EXPECT_EQ(effort_for(config::OnChange{}, (4u << 20) + 1), Effort::medium);
    EXPECT_EQ(effort_for(config::Cron{"0 3 * * *", "UTC"}, small), Effort::high);
    EXPECT_EQ(effort_for(config::OnDemand{}, small), Effort::medium);
    EXPECT_EQ(effort_for(config::Every{milliseconds(10'000)}, small), Effort::high);
    EXPECT_EQ(effort_for(config::Every{milliseconds(9'999)}, small), Effort::medium);
    EXPECT_EQ(effort_for(config::Every{milliseconds(1'000)}, large), Effort::low);
}

}  // namespace
}  // namespace gatehouse::render
