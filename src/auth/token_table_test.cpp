#include "src/auth/token_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "src/auth/test_tokens.h"

namespace gatehouse::auth {
namespace {

using test::Image;

TEST(TokenTable, FindsWhatWasAdded)
{
    const auto token = test::token_of(7);
    auto spec = test::spec_of(token);
    spec.not_before_s = 100;
    spec.expires_s = 200;
    spec.revoked = true;
    const auto network = *parse_network("192.0.2.0/24");
    spec.networks = network;
    TokenTableBuilder builder;
    ASSERT_TRUE(builder.add(spec));
    const Image image{builder, 42};

    EXPECT_EQ(image->revision(), 42u);
    EXPECT_EQ(image->base_checksum(), 0u);
    EXPECT_EQ(image->record_count(), 1u);
    EXPECT_EQ(image->foreign_count(), 0u);
    EXPECT_EQ(image->total_size(), image.bytes().size());
    EXPECT_TRUE(image->checksum_matches());

    const auto found = image->find(token_key(std::string_view{"00000007"}));
    ASSERT_NE(found.first, nullptr);
    EXPECT_EQ(found.second, nullptr);
    const auto view = image->view(*found.first);
    EXPECT_TRUE(view.sound());
    EXPECT_EQ(view.id(), "00000007");
    EXPECT_EQ(view.user(), "ada");
    EXPECT_EQ(view.name(), "dashboard");
    EXPECT_EQ(view.scopes(), "read write");
    EXPECT_EQ(view.plan(), "gold");
    EXPECT_EQ(view.networks(), network);
    EXPECT_EQ(view.not_before_s(), 100);
    EXPECT_EQ(view.expires_s(), 200);
    EXPECT_TRUE(view.revoked());
    EXPECT_FALSE(view.foreign());
}

TEST(TokenTable, AnEmptyOneFindsNothing)
{
    const Image image{TokenTableBuilder{}};
    EXPECT_EQ(image->find(0).first, nullptr);
    EXPECT_EQ(image->find(~0ULL).first, nullptr);
    EXPECT_EQ(image->stand_in(1), nullptr);
}

TEST(TokenTable, FindsEachOfMany)
{
    TokenTableBuilder builder;
    constexpr unsigned count = 20'000;
    for (unsigned i = 0; i < count; ++i) {
        TokenSpec spec;
        char id[token_id_size + 1];
        std::snprintf(id, sizeof id, "%08u", i * 37);
        spec.id = id;
        spec.digest[0] = static_cast<std::uint8_t>(i);
        ASSERT_TRUE(builder.add(spec));
    }
    const Image image{builder};
    for (unsigned i = 0; i < count * 37; ++i) {
        char id[token_id_size + 1];
        std::snprintf(id, sizeof id, "%08u", i);
        const auto found = image->find(token_key(std::string_view{id}));
        if (i % 37 == 0) {
            ASSERT_NE(found.first, nullptr) << id;
            ASSERT_EQ(found.first->digest[0], static_cast<std::uint8_t>(i / 37));
        } else {
            ASSERT_EQ(found.first, nullptr) << id;
        }
    }
    const auto* index = reinterpret_cast<const TokenTableHeader*>(image.bytes().data());
    EXPECT_LT(index->longest_probe, 100u);
}

TEST(TokenTable, EqualTextsLieThereOnce)
{
    TokenTableBuilder one;
    ASSERT_TRUE(one.add(test::spec_of(test::token_of(1))));
    TokenTableBuilder two;
    ASSERT_TRUE(two.add(test::spec_of(test::token_of(1))));
    ASSERT_TRUE(two.add(test::spec_of(test::token_of(2))));
    // A record, and 8 bytes for each of 4 slots instead of 2 (capacity is 3/2 of the records + 1).
    EXPECT_EQ(Image{two}.bytes().size() - Image{one}.bytes().size(), sizeof(TokenRecord) + 2 * 8);
}

TEST(TokenTable, TwoSecretsOfOneToken)
{
    const auto old_token = test::token_of(3, 1);
    const auto new_token = test::token_of(3, 2);
    TokenTableBuilder builder;
    ASSERT_TRUE(builder.add(test::spec_of(old_token)));
    ASSERT_TRUE(builder.add(test::spec_of(new_token)));
    const Image image{builder};
    const auto found = image->find(token_key(id_of(old_token)));
    ASSERT_NE(found.first, nullptr);
    ASSERT_NE(found.second, nullptr);
    EXPECT_EQ(found.first->digest, test::digest_of(old_token));
    EXPECT_EQ(found.second->digest, test::digest_of(new_token));

    ASSERT_TRUE(builder.add(test::spec_of(test::token_of(3, 9))));
    EXPECT_FALSE(builder.build(1, 0));
}

TEST(TokenTable, ForeignTokensAreFoundByTheirDigest)
{
    TokenSpec spec;
    spec.id = "00000001";
    spec.digest = test::digest_of("abcdef1234567890");
    spec.foreign = true;
    TokenTableBuilder builder;
    ASSERT_TRUE(builder.add(spec));
    const Image image{builder};
    EXPECT_EQ(image->foreign_count(), 1u);
    EXPECT_NE(image->find(token_key(spec.digest)).first, nullptr);
    EXPECT_EQ(image->find(token_key(spec.id)).first, nullptr);
}

TEST(TokenTable, TheBuilderRefusesWhatCannotLieInATable)
{
    const auto token = test::token_of(1);
    TokenTableBuilder builder;
    auto spec = test::spec_of(token);
    spec.id = "short";
    EXPECT_FALSE(builder.add(spec));
    spec.id = "1234567-";
    EXPECT_FALSE(builder.add(spec));
    spec = test::spec_of(token);
    spec.user = "ada\r\nX-Injected: 1";
    EXPECT_FALSE(builder.add(spec));
    spec.user = "delete\x7f";
    EXPECT_FALSE(builder.add(spec));
    spec.user = "caf\xc3\xa9";
    EXPECT_TRUE(builder.add(spec));
    spec.networks = "no entry";
    EXPECT_FALSE(builder.add(spec));
    spec = test::spec_of(token);
    const std::string long_text(70'000, 'x');
    spec.scopes = long_text;
    EXPECT_FALSE(builder.add(spec));
    EXPECT_EQ(builder.size(), 1u);
}

TEST(TokenTable, FindsEveryControlCharacterWhereverItStands)
{
    for (int c = 1; c < 256; ++c) {
        for (std::size_t at = 0; at < 17; ++at) {
            std::string user(17, 'n');
            user[at] = static_cast<char>(c);
            auto token = test::token_of(1);
            auto spec = test::spec_of(token);
            spec.user = user;
            ASSERT_EQ(static_cast<bool>(TokenTableBuilder{}.add(spec)), c >= 0x20 && c != 0x7f)
                << c << " at " << at;
        }
    }
}

// --- damage ---

/// Bytes a test may change, aligned as a mapping is.
class Bytes {
public:
    explicit Bytes(std::span<const std::byte> from)
        : words_((from.size() + 7) / 8), size_(from.size())
    {
        std::memcpy(words_.data(), from.data(), from.size());
    }

    std::byte* data() noexcept { return reinterpret_cast<std::byte*>(words_.data()); }
    std::span<const std::byte> first(std::size_t size) noexcept { return {data(), size}; }
    std::span<const std::byte> span() noexcept { return first(size_); }

private:
    std::vector<std::uint64_t> words_;
    std::size_t size_;
};

std::vector<std::string> some_tokens()
{
    std::vector<std::string> tokens;
    for (unsigned i = 0; i < 6; ++i) {
        tokens.push_back(test::token_of(i));
    }
    return tokens;
}

Image small_image(const std::vector<std::string>& tokens)
{
    TokenTableBuilder builder;
    const auto network = *parse_network("192.0.2.0/24");
    for (const auto& token : tokens) {
        auto spec = test::spec_of(token);
        spec.networks = network;
        EXPECT_TRUE(builder.add(spec));
    }
    return Image{builder};
}

TEST(TokenTableDamage, EveryTruncationIsRefused)
{
    const auto image = small_image(some_tokens());
    Bytes bytes{image.bytes()};
    for (std::size_t size = 0; size < image.bytes().size(); ++size) {
        EXPECT_FALSE(TokenTable::open(bytes.first(size))) << size;
    }
    EXPECT_TRUE(TokenTable::open(bytes.span()));
}

TEST(TokenTableDamage, AnotherMagicOrVersionIsRefused)
{
    const auto image = small_image(some_tokens());
    Bytes bytes{image.bytes()};
    bytes.data()[0] ^= std::byte{1};
    EXPECT_EQ(TokenTable::open(bytes.span()).error().message, "token table: wrong magic");
    bytes.data()[0] ^= std::byte{1};
    bytes.data()[8] = std::byte{2};
    EXPECT_EQ(TokenTable::open(bytes.span()).error().message, "token table: version 2, expected 1");
}

TEST(TokenTableDamage, AnyFlippedBitIsNoticedByTheChecksumAndHarmsNoReader)
{
    const auto tokens = some_tokens();
    const auto image = small_image(tokens);
    Bytes bytes{image.bytes()};
    const std::uint8_t address[] = {192, 0, 2, 1};
    int opened_still = 0;
    for (std::size_t bit = 0; bit < 8 * image.bytes().size(); ++bit) {
        const auto mask = std::byte{static_cast<unsigned char>(1u << bit % 8)};
        bytes.data()[bit / 8] ^= mask;
        if (const auto table = TokenTable::open(bytes.span())) {
            ++opened_still;
            EXPECT_FALSE(table->checksum_matches()) << bit;
            TokenTables tables;
            tables.set_base(*table);
            for (const auto& token : tokens) {
                (void)tables.verify(test::sha256(), token, {1, address});
            }
        }
        bytes.data()[bit / 8] ^= mask;
    }
    EXPECT_GT(opened_still, 1000);
}

}  // namespace
}  // namespace gatehouse::auth
