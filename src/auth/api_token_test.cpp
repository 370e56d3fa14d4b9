#include "src/auth/api_token.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "src/auth/base62.h"
#include "src/auth/crc32.h"

namespace gatehouse::auth {
namespace {

// The checksum by Python: zlib.crc32 of what precedes it, in base 62.
constexpr std::string_view example = "gth_2pR8xQ0b_n4XhV0tB6yZkQ1mJw8sLr3cUe9aDf7Gi0gtGHt";

std::vector<std::uint8_t> bytes_from(std::uint64_t seed, std::size_t count)
{
    std::mt19937_64 source{seed};
    std::vector<std::uint8_t> bytes(count);
    for (auto& byte : bytes) {
        byte = static_cast<std::uint8_t>(source());
    }
    return bytes;
}

// The check value of CRC-32 in every catalogue.
static_assert(crc32("123456789") == 0xcbf4'3926);
static_assert(crc32("") == 0);
static_assert(base62_number("10") == 62 && base62_number("z") == 61 && base62_number("A") == 10);

TEST(ApiToken, ReadsOneOfAnotherMaker)
{
    EXPECT_EQ(shape_of(example), TokenShape::ours);
    EXPECT_EQ(id_of(example), "2pR8xQ0b");
}

TEST(ApiToken, MadeOnesAreOfTheirShape)
{
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        const auto id = make_token_id(bytes_from(seed, random_for_token_id));
        ASSERT_TRUE(id);
        const auto token = make_api_token(*id, bytes_from(~seed, random_for_secret));
        ASSERT_TRUE(token);
        ASSERT_EQ(token->size(), api_token_size);
        ASSERT_EQ(shape_of(*token), TokenShape::ours) << *token;
        ASSERT_EQ(id_of(*token), *id);
    }
}

TEST(ApiToken, AnyChangedCharacterIsJunk)
{
    for (std::size_t at = api_token_prefix.size(); at < example.size(); ++at) {
        for (int c = 0; c < 256; ++c) {
            std::string changed{example};
            if (changed[at] == static_cast<char>(c)) {
                continue;
            }
            changed[at] = static_cast<char>(c);
            ASSERT_EQ(shape_of(changed), TokenShape::junk) << at << ": " << c;
        }
    }
}

TEST(ApiToken, AnyOtherLengthIsJunk)
{
    const std::string token{example};
    for (std::size_t size = api_token_prefix.size(); size < token.size(); ++size) {
        EXPECT_EQ(shape_of(token.substr(0, size)), TokenShape::junk) << size;
    }
    for (const std::string_view more : {"a", " ", "\t", "abc", "="}) {
        EXPECT_EQ(shape_of(token + std::string{more}), TokenShape::junk);
        EXPECT_NE(shape_of(std::string{more} + token), TokenShape::ours);
    }
}

TEST(ApiToken, ForeignOnesAreVisibleCharacters)
{
    EXPECT_EQ(shape_of("abcdef1234567890"), TokenShape::foreign);
    EXPECT_EQ(shape_of("GTH_upper"), TokenShape::foreign);
    EXPECT_EQ(shape_of(std::string(longest_foreign_token, 'x')), TokenShape::foreign);
    EXPECT_EQ(shape_of(std::string(longest_foreign_token + 1, 'x')), TokenShape::junk);
    using namespace std::string_literals;
    for (const auto& text : {""s, "a b"s, "a\tb"s, "a\0b"s, "caf\xc3\xa9"s, "a\x7f"s}) {
        EXPECT_EQ(shape_of(text), TokenShape::junk);
    }
}

TEST(ApiToken, FewRandomBytesFail)
{
    EXPECT_FALSE(make_token_id(bytes_from(1, 7)));
    // Of these none gives a digit.
    EXPECT_FALSE(make_token_id(std::vector<std::uint8_t>(random_for_token_id, 248)));
    EXPECT_FALSE(make_api_token("00000000", bytes_from(1, 31)));
}

TEST(ApiToken, EveryDigitIsAsLikelyAsAnother)
{
    // All 256 values of a byte once: each digit exactly four times.
    std::map<char, int> seen;
    for (int byte = 0; byte < 256; ++byte) {
        std::vector<std::uint8_t> random(random_for_token_id, static_cast<std::uint8_t>(byte));
        if (const auto id = make_token_id(random)) {
            ++seen[id->front()];
        }
    }
    EXPECT_EQ(seen.size(), 62u);
    for (const auto& [digit, times] : seen) {
        EXPECT_EQ(times, 4) << digit;
    }
}

TEST(ApiToken, HashesLikeThePublishedExample)
{
    // FIPS 180-2, appendix B.1; twice, as the context is used again.
    auto sha256 = Sha256::create();
    ASSERT_TRUE(sha256);
    for (int i = 0; i < 2; ++i) {
        const auto digest = (*sha256)("abc");
        ASSERT_TRUE(digest);
        EXPECT_EQ((*digest)[0], 0xba);
        EXPECT_EQ((*digest)[1], 0x78);
        EXPECT_EQ((*digest)[31], 0xad);
        EXPECT_FALSE(equal_digests(*digest, Digest{}));
        EXPECT_TRUE(equal_digests(*digest, *digest));
    }
}

}  // namespace
}  // namespace gatehouse::auth
