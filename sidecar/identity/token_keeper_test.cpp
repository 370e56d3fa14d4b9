#include "sidecar/identity/token_keeper.h"

#include <fstream>

#include "sidecar/identity/test_state.h"
#include "src/auth/api_token.h"
#include "src/auth/token_tables.h"

namespace gatehouse::identity {
namespace {

using auth::TokenRejection;

class TokenKeeperTest : public StateTest {
protected:
    TokenKeeperTest() : tokens(keeper()) {}

    IssuedToken created(const TokenRequest& asked)
    {
        auto issued = tokens.create(asked, limits, now_s);
        EXPECT_TRUE(issued) << issued.failure().message;
        return *issued;
    }

    IssuedToken rotated(const std::string& id, std::int64_t at_s,
                        std::optional<std::string> overlap = std::nullopt)
    {
        auto issued = tokens.rotate({id, std::nullopt, std::move(overlap)}, limits, at_s);
        EXPECT_TRUE(issued) << issued.failure().message;
        return *issued;
    }

    /// Hands the base and the changes to it to a worker's tables.
    void publish_base()
    {
        auto made = make_base(path());
        ASSERT_TRUE(made) << made.error().message;
        base = *made;
        tokens.take_base(base);
        tables.set_base(*auth::TokenTable::open(base.memory->bytes()));
        publish_changes();
    }

    void publish_changes()
    {
        auto made = tokens.changes();
        ASSERT_TRUE(made && *made);
        changes = **made;
        const auto set = tables.set_changes(*auth::TokenTable::open(changes.memory->bytes()));
        ASSERT_TRUE(set) << set.error().message;
    }

    /// What workers say of it.
    TokenRejection verdict(const std::string& token, std::int64_t at_s = now_s)
    {
        static auto sha256 = auth::Sha256::create();
        return tables.verify(*sha256, token, {at_s, {}}).rejection;
    }

    TokenKeeper tokens;
    MadeTable base, changes;
    auth::TokenTables tables;
};

TEST_F(TokenKeeperTest, WhatIsCreatedIsGood)
{
    publish_base();
    const auto issued = created(request());
    EXPECT_EQ(auth::shape_of(issued.text), auth::TokenShape::ours);
    EXPECT_EQ(auth::id_of(issued.text), issued.token.id);
    EXPECT_EQ(verdict(issued.text), TokenRejection::unknown);
    publish_changes();
    EXPECT_EQ(verdict(issued.text), TokenRejection::none);
    EXPECT_EQ(verdict(issued.text, now_s + 90 * day_s), TokenRejection::expired);
    publish_base();
    EXPECT_EQ(changes.records, 0u);
    EXPECT_EQ(verdict(issued.text), TokenRejection::none);
}

TEST_F(TokenKeeperTest, NoSecretIsOnDisk)
{
    const auto issued = created(request());
    const auto secret = issued.text.substr(13, 32);
    for (const auto& entry :
         std::filesystem::directory_iterator{std::filesystem::path{path()}.parent_path()}) {
        std::ifstream in{entry.path(), std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
        EXPECT_EQ(bytes.find(secret), std::string::npos) << entry.path();
    }
}

TEST_F(TokenKeeperTest, IsThereAfterARestart)
{
    const auto issued = created(request());
    const auto before = tokens.show(issued.token.id);
    ASSERT_TRUE(before);
    tokens = TokenKeeper{path()};
    ASSERT_TRUE(tokens.open(StateFile::Missing::fail));
    const auto after = tokens.show(issued.token.id);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->token, before->token);
    EXPECT_EQ(after->token.scopes, "read write");
    EXPECT_EQ(after->token.expires_s, now_s + 90 * day_s);
}

TEST_F(TokenKeeperTest, ARevokedTokenStaysRevokedSinceThen)
{
    publish_base();
    const auto issued = created(request());
    publish_base();
    EXPECT_EQ(tokens.revoke(issued.token.id, now_s + 5)->revoked_s, now_s + 5);
    publish_changes();
    EXPECT_EQ(verdict(issued.text), TokenRejection::revoked);
    EXPECT_EQ(tokens.revoke(issued.token.id, now_s + 9)->revoked_s, now_s + 5);
    EXPECT_EQ(tokens.rotate({issued.token.id, {}, {}}, limits, now_s).failure().kind,
              Failure::Kind::conflict);
    EXPECT_EQ(tokens.revoke("00000000", now_s).failure().kind, Failure::Kind::unknown);
}

TEST_F(TokenKeeperTest, TheOldSecretIsGoodForTheOverlap)
{
    const auto first = created(request());
    publish_base();
    const auto second = rotated(first.token.id, now_s + 10);
    EXPECT_EQ(second.token.id, first.token.id);
    EXPECT_NE(second.text, first.text);
    EXPECT_EQ(second.old_secret_ends_s, now_s + 10 + day_s);
    publish_changes();
    EXPECT_EQ(verdict(first.text, now_s + 10), TokenRejection::none);
    EXPECT_EQ(verdict(second.text, now_s + 10), TokenRejection::none);
    EXPECT_EQ(verdict(first.text, now_s + 10 + day_s), TokenRejection::expired);
    EXPECT_EQ(verdict(second.text, now_s + 10 + day_s), TokenRejection::none);
    // It was made for 90 days, and gets 90 more.
    EXPECT_EQ(second.token.expires_s, now_s + 10 + 90 * day_s);
}

TEST_F(TokenKeeperTest, OfThreeSecretsTheTwoNewestRemain)
{
    const auto first = created(request());
    const auto second = rotated(first.token.id, now_s + 1);
    const auto third = rotated(first.token.id, now_s + 2);
    publish_base();
    EXPECT_EQ(verdict(first.text, now_s + 2), TokenRejection::wrong_secret);
    EXPECT_EQ(verdict(second.text, now_s + 2), TokenRejection::none);
    EXPECT_EQ(verdict(third.text, now_s + 2), TokenRejection::none);
    EXPECT_EQ(tokens.show(first.token.id)->secrets.size(), 2u);
}

TEST_F(TokenKeeperTest, WithoutOverlapTheOldSecretEndsAtOnce)
{
    const auto first = created(request());
    const auto second = rotated(first.token.id, now_s + 1, "0s");
    publish_base();
    EXPECT_EQ(verdict(first.text, now_s + 1), TokenRejection::expired);
    EXPECT_EQ(verdict(second.text, now_s + 1), TokenRejection::none);
}

TEST_F(TokenKeeperTest, ARotationDoesNotProlongTheOldSecret)
{
    auto asked = request();
    asked.expires = "1h";
    const auto first = created(asked);
    const auto second = rotated(first.token.id, now_s + 1800);
    EXPECT_EQ(second.old_secret_ends_s, now_s + 3600);
    EXPECT_EQ(second.token.expires_s, now_s + 1800 + 3600);
    EXPECT_EQ(tokens.rotate({first.token.id, "2001-01-01", {}}, limits, now_s).failure().kind,
              Failure::Kind::request);
    EXPECT_EQ(tokens.rotate({first.token.id, {}, "long"}, limits, now_s).failure().kind,
              Failure::Kind::request);
}

TEST_F(TokenKeeperTest, ForeignTokensAreImported)
{
    publish_base();
    auto asked = request("imported");
    asked.user = "api_user";
    const std::vector<ForeignToken> foreign{{"abcdef1234567890", asked}};
    EXPECT_EQ(tokens.import(foreign, limits, now_s, true)->tokens.size(), 1u);
    EXPECT_EQ(tokens.list({})->size(), 0u) << "a dry run keeps nothing";
    const auto imported = tokens.import(foreign, limits, now_s, false);
    ASSERT_TRUE(imported);
    publish_changes();
    EXPECT_EQ(verdict("abcdef1234567890"), TokenRejection::none);
    EXPECT_EQ(tokens.import(foreign, limits, now_s, false)->known, 1u);
    EXPECT_EQ(tokens.list({})->size(), 1u);

    // Rotated, it becomes one of ours; the old one is good for the overlap.
    const auto& id = imported->tokens.front().token.id;
    const auto next = rotated(id, now_s);
    publish_changes();
    EXPECT_EQ(verdict(next.text), TokenRejection::none);
    EXPECT_EQ(verdict("abcdef1234567890"), TokenRejection::none);
    EXPECT_EQ(verdict("abcdef1234567890", now_s + day_s), TokenRejection::expired);
    ASSERT_TRUE(tokens.revoke(id, now_s));
    publish_changes();
    EXPECT_EQ(verdict(next.text), TokenRejection::revoked);
    EXPECT_EQ(verdict("abcdef1234567890"), TokenRejection::revoked);
}

TEST_F(TokenKeeperTest, AnImportIsAllOrNothingAndShowsNoToken)
{
    auto bad = request("b");
    bad.scopes = {"*"};
    const auto refused = tokens.import(
        {{"abcdef1234567890", request("a")}, {"0123456789abcdef", bad}}, limits, now_s, false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().kind, Failure::Kind::request);
    EXPECT_NE(refused.failure().message.find("token 2 of the list (user \"ada\"): \"*\""),
              std::string::npos);
    EXPECT_EQ(refused.failure().message.find("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(tokens.list({})->empty());
    EXPECT_FALSE(tokens.import({{"short", request()}}, limits, now_s, false));
    EXPECT_FALSE(tokens.import({{"gth_broken_token_of_ours", request()}}, limits, now_s, false));
}

TEST_F(TokenKeeperTest, ATokenOfAnotherGatehouseKeepsItsId)
{
    // Its checksum by Python's zlib.crc32.
    const std::string text = "gth_2pR8xQ0b_n4XhV0tB6yZkQ1mJw8sLr3cUe9aDf7Gi0gtGHt";
    const auto imported = tokens.import({{text, request()}}, limits, now_s, false);
    ASSERT_TRUE(imported);
    EXPECT_EQ(imported->tokens.front().token.id, "2pR8xQ0b");
    publish_base();
    EXPECT_EQ(verdict(text), TokenRejection::none);
}

TEST_F(TokenKeeperTest, ListsInTheOrderOfMakingPageByPage)
{
    for (const char* name : {"a", "b", "c", "d"}) {
        auto asked = request(name);
        asked.user = std::string{name} < "c" ? "ada" : "bob";
        created(asked);
    }
    const auto first = tokens.list({.user = "", .after = 0, .most = 3});
    ASSERT_EQ(first->size(), 3u);
    EXPECT_EQ((*first)[0].name, "a");
    const auto rest = tokens.list({.user = "", .after = first->back().number, .most = 3});
    ASSERT_EQ(rest->size(), 1u);
    EXPECT_EQ(rest->front().name, "d");
    EXPECT_EQ(tokens.list({.user = "bob", .after = 0, .most = 9})->size(), 2u);
    EXPECT_EQ(tokens.list({.user = "' or 1=1 --", .after = 0, .most = 9})->size(), 0u);
}

TEST_F(TokenKeeperTest, RemembersTheLastUse)
{
    const auto id = created(request()).token.id;
    ASSERT_TRUE(tokens.note_used({{id, now_s + 60}, {"00000000", now_s}}));
    EXPECT_EQ(tokens.show(id)->token.last_used_s, now_s + 60);
    ASSERT_TRUE(tokens.note_used({{id, now_s + 30}}));
    EXPECT_EQ(tokens.show(id)->token.last_used_s, now_s + 60);
}

TEST_F(TokenKeeperTest, WhatChangesWhileABaseIsMadeIsAChangeToIt)
{
    const auto before = created(request());
    const auto made = make_base(path());
    ASSERT_TRUE(made);
    const auto after = created(request());
    ASSERT_TRUE(tokens.revoke(before.token.id, now_s));
    tokens.take_base(*made);
    tables.set_base(*auth::TokenTable::open(made->memory->bytes()));
    publish_changes();
    EXPECT_EQ(changes.records, 2u);
    EXPECT_EQ(verdict(before.text), TokenRejection::revoked);
    EXPECT_EQ(verdict(after.text), TokenRejection::none);
}

TEST_F(TokenKeeperTest, WithoutABaseThereAreNoChanges)
{
    created(request());
    const auto made = tokens.changes();
    ASSERT_TRUE(made);
    EXPECT_FALSE(*made);
    EXPECT_EQ(tokens.changed(), 1u);
}

TEST_F(TokenKeeperTest, NetworksReachTheTable)
{
    auto asked = request();
    asked.networks = {"192.0.2.0/24", "2001:db8::/32"};
    const auto issued = created(asked);
    publish_base();
    auto sha256 = auth::Sha256::create();
    const std::uint8_t inside[] = {192, 0, 2, 77};
    const std::uint8_t outside[] = {198, 51, 100, 1};
    EXPECT_EQ(tables.verify(*sha256, issued.text, {now_s, inside}).rejection, TokenRejection::none);
    EXPECT_EQ(tables.verify(*sha256, issued.text, {now_s, outside}).rejection,
              TokenRejection::wrong_network);
}

}  // namespace
}  // namespace gatehouse::identity
