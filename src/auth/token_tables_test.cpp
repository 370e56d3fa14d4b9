#include "src/auth/token_tables.h"

#include <gtest/gtest.h>

#include <set>

#include "src/auth/test_tokens.h"

namespace gatehouse::auth {
namespace {

using test::Image;

constexpr std::int64_t now_s = 1'700'000'000;
constexpr std::uint8_t client_address[] = {192, 0, 2, 1};

class TokenTablesTest : public ::testing::Test {
protected:
    TokenVerdict verify(std::string_view token, std::int64_t at_s = now_s)
    {
        return tables.verify(test::sha256(), token, {at_s, client_address});
    }

    TokenRejection rejection(std::string_view token, std::int64_t at_s = now_s)
    {
        return verify(token, at_s).rejection;
    }

    static TokenTableBuilder builder_with(const TokenSpec& spec)
    {
        TokenTableBuilder builder;
        EXPECT_TRUE(builder.add(spec));
        return builder;
    }

    const std::string token = test::token_of(1);
    TokenTables tables;
};

TEST_F(TokenTablesTest, WithoutATableNothingIsGood)
{
    EXPECT_FALSE(tables.ready());
    EXPECT_EQ(rejection(token), TokenRejection::no_table);
    EXPECT_EQ(rejection("gth_junk"), TokenRejection::malformed);
}

TEST_F(TokenTablesTest, AcceptsTheWholeTokenAlone)
{
    const Image base{builder_with(test::spec_of(token))};
    tables.set_base(*base);
    const auto verdict = verify(token);
    ASSERT_TRUE(verdict.accepted());
    EXPECT_EQ(verdict.token->user(), "ada");

    EXPECT_EQ(rejection(token + "a"), TokenRejection::malformed);
    EXPECT_EQ(rejection(token.substr(0, 50)), TokenRejection::malformed);
    EXPECT_EQ(rejection(test::token_of(1, 2)), TokenRejection::wrong_secret);
    EXPECT_EQ(rejection(test::token_of(2, 1)), TokenRejection::unknown);
    EXPECT_EQ(rejection("abcdef1234567890"), TokenRejection::unknown);
    EXPECT_FALSE(verify(test::token_of(1, 2)).token);
}

TEST_F(TokenTablesTest, TellsWhyAKnownTokenIsRefused)
{
    auto spec = test::spec_of(token);
    spec.not_before_s = now_s;
    spec.expires_s = now_s + 10;
    const auto network = *parse_network("192.0.2.0/31");
    spec.networks = network;
    const Image limited{builder_with(spec)};
    tables.set_base(*limited);
    EXPECT_EQ(rejection(token, now_s - 1), TokenRejection::not_yet_valid);
    EXPECT_EQ(rejection(token, now_s), TokenRejection::none);
    EXPECT_EQ(rejection(token, now_s + 9), TokenRejection::none);
    EXPECT_EQ(rejection(token, now_s + 10), TokenRejection::expired);
    EXPECT_EQ(verify(token, now_s + 10).token->user(), "ada");
    const std::uint8_t elsewhere[] = {192, 0, 2, 2};
    EXPECT_EQ(tables.verify(test::sha256(), token, {now_s, elsewhere}).rejection,
              TokenRejection::wrong_network);
    EXPECT_EQ(tables.verify(test::sha256(), token, {now_s, {}}).rejection,
              TokenRejection::wrong_network);

    spec.revoked = true;
    const Image revoked{builder_with(spec)};
    tables.set_base(*revoked);
    EXPECT_EQ(rejection(token), TokenRejection::revoked);
}

TEST_F(TokenTablesTest, BothSecretsOfARotatedTokenAreGoodUntilTheOldOneEnds)
{
    auto old_spec = test::spec_of(token);
    old_spec.expires_s = now_s + 10;
    const auto next = test::token_of(1, 2);
    auto builder = builder_with(old_spec);
    ASSERT_TRUE(builder.add(test::spec_of(next)));
    const Image base{builder};
    tables.set_base(*base);
    EXPECT_EQ(rejection(token), TokenRejection::none);
    EXPECT_EQ(rejection(next), TokenRejection::none);
    EXPECT_EQ(rejection(token, now_s + 10), TokenRejection::expired);
    EXPECT_EQ(rejection(next, now_s + 10), TokenRejection::none);
    EXPECT_EQ(rejection(test::token_of(1, 3)), TokenRejection::wrong_secret);
}

TEST_F(TokenTablesTest, ForeignTokensAreGood)
{
    TokenSpec spec;
    spec.id = "00000009";
    spec.digest = test::digest_of("abcdef1234567890");
    spec.foreign = true;
    spec.user = "api_user";
    const Image base{builder_with(spec)};
    tables.set_base(*base);
    const auto verdict = verify("abcdef1234567890");
    ASSERT_TRUE(verdict.accepted());
    EXPECT_EQ(verdict.token->user(), "api_user");
    EXPECT_EQ(verdict.token->id(), "00000009");
    EXPECT_EQ(rejection("abcdef1234567891"), TokenRejection::unknown);
    EXPECT_EQ(rejection("abcdef123456789"), TokenRejection::unknown);
}

TEST_F(TokenTablesTest, ChangesGoBeforeTheBase)
{
    const auto other = test::token_of(2);
    const auto created = test::token_of(3);
    auto builder = builder_with(test::spec_of(token));
    ASSERT_TRUE(builder.add(test::spec_of(other)));
    const Image base{builder, 1};
    tables.set_base(*base);
    EXPECT_EQ(rejection(created), TokenRejection::unknown);

    auto revoked = test::spec_of(token);
    revoked.revoked = true;
    auto changed = builder_with(revoked);
    ASSERT_TRUE(changed.remove(test::spec_of(other)));
    ASSERT_TRUE(changed.add(test::spec_of(created)));
    const Image changes{changed, 2, base->checksum()};
    ASSERT_TRUE(tables.set_changes(*changes));
    EXPECT_EQ(rejection(token), TokenRejection::revoked);
    EXPECT_EQ(rejection(other), TokenRejection::unknown);
    EXPECT_EQ(rejection(created), TokenRejection::none);
}

TEST_F(TokenTablesTest, ARotationInTheChangesReplacesTheOneSecretOfTheBase)
{
    const Image base{builder_with(test::spec_of(token)), 1};
    tables.set_base(*base);
    const auto next = test::token_of(1, 2);
    const Image changes{builder_with(test::spec_of(next)), 2, base->checksum()};
    ASSERT_TRUE(tables.set_changes(*changes));
    EXPECT_EQ(rejection(token), TokenRejection::wrong_secret);
    EXPECT_EQ(rejection(next), TokenRejection::none);
}

TEST_F(TokenTablesTest, ChangesToAnotherBaseAreRefusedAndDropped)
{
    const Image base{builder_with(test::spec_of(token)), 1};
    auto revoked = test::spec_of(token);
    revoked.revoked = true;
    const Image changes{builder_with(revoked), 2, base->checksum()};
    EXPECT_FALSE(tables.set_changes(*changes));
    tables.set_base(*base);
    EXPECT_FALSE(tables.set_changes(*base));
    ASSERT_TRUE(tables.set_changes(*changes));

    // The next base holds the changes; so the old ones must not speak any longer.
    const Image next{builder_with(test::spec_of(token)), 3};
    tables.set_base(*next);
    EXPECT_FALSE(tables.changes());
    EXPECT_EQ(rejection(token), TokenRejection::none);
    EXPECT_FALSE(tables.set_changes(*changes));
}

TEST_F(TokenTablesTest, EveryRejectionHasAWordOfItsOwn)
{
    std::set<std::string_view> words;
    for (std::size_t i = 0; i < token_rejection_count; ++i) {
        words.insert(word_of(static_cast<TokenRejection>(i)));
    }
    EXPECT_EQ(words.size(), token_rejection_count);
}

}  // namespace
}  // namespace gatehouse::auth
