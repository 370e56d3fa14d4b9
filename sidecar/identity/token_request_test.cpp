#include "sidecar/identity/token_request.h"

#include <gtest/gtest.h>

namespace gatehouse::identity {
namespace {

// 2027-01-15T08:00:00Z, by date -u -d @1800000000.
constexpr std::int64_t now_s = 1'800'000'000;
constexpr std::int64_t day_s = 86'400;

class TokenRequestTest : public ::testing::Test {
protected:
    TokenRequestTest() { request.name = "dashboard"; }

    std::string error() const
    {
        const auto token = checked(request, limits, now_s);
        return token ? "" : token.error().message;
    }

    std::optional<std::int64_t> expires(const std::string& text)
    {
        request.expires = text;
        const auto token = checked(request, limits, now_s);
        EXPECT_TRUE(token) << text;
        return token ? token->expires_s : -1;
    }

    TokenRequest request;
    config::Tokens limits;
};

TEST_F(TokenRequestTest, FillsInWhatIsNotSaid)
{
    const auto token = checked(request, limits, now_s);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->user, "dashboard");
    EXPECT_EQ(token->scopes, "");
    EXPECT_EQ(token->created_s, now_s);
    EXPECT_EQ(token->expires_s, now_s + 90 * day_s);
    EXPECT_EQ(token->not_before_s, 0);
}

TEST_F(TokenRequestTest, SortsScopesAndReadsNetworks)
{
    request.scopes = {"write", "boards:read"};
    request.networks = {"::ffff:192.0.2.0/120", "2001:DB8::/32"};
    const auto token = checked(request, limits, now_s);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->scopes, "boards:read write");
    EXPECT_EQ(token->networks, "192.0.2.0/24 2001:db8::/32");
}

TEST_F(TokenRequestTest, ExpiriesAreDurationsDatesInstantsAndNever)
{
    EXPECT_EQ(expires("30d"), now_s + 30 * day_s);
    EXPECT_EQ(expires("1h30m"), now_s + 5400);
    EXPECT_EQ(expires("2027-02-01"), 1'801'440'000);            // date -u -d 2027-02-01 +%s
    EXPECT_EQ(expires("2027-02-01T12:30:05Z"), 1'801'485'005);  // 12:30:05 later
    EXPECT_EQ(expires("2028-02-29"), 1'835'395'200);
    EXPECT_EQ(expires("never"), std::nullopt);
}

TEST_F(TokenRequestTest, RefusesWhatIsNoTime)
{
    for (const char* text :
         {"", "soon", "30", "-1d", "2027-02-30", "2027-13-01", "2027-2-1", "2027-02-01 ",
          "2027-02-01T12:30:05", "2027-02-01T25:00:00Z", "2027-02-01T12:30:05+01:00", "Never"}) {
        request.expires = text;
        EXPECT_NE(error(), "") << text;
    }
    request.expires = "2026-01-01";
    EXPECT_EQ(error(), "the token would have expired before it is made");
    request.expires = "0s";
    EXPECT_EQ(error(), "the token would have expired before it is made");
}

TEST_F(TokenRequestTest, TheLongestExpiryHolds)
{
    limits.max_expiry = std::chrono::hours{24 * 365};
    EXPECT_EQ(expires("365d"), now_s + 365 * day_s);
    request.expires = "366d";
    EXPECT_NE(error().find("at most (\"max_expiry\""), std::string::npos);
    request.expires = "never";
    EXPECT_NE(error(), "");
}

TEST_F(TokenRequestTest, BeginsWhenAsked)
{
    request.not_before = "2027-02-01";
    EXPECT_EQ(checked(request, limits, now_s)->not_before_s, 1'801'440'000);
    request.not_before = "1h";
    EXPECT_EQ(checked(request, limits, now_s)->not_before_s, now_s + 3600);
    request.expires = "30m";
    EXPECT_EQ(error(), "the token would have expired before it is good");
    request.not_before = "never";
    EXPECT_NE(error(), "");
}

TEST_F(TokenRequestTest, RefusesTextThatCannotStandInAField)
{
    using namespace std::string_literals;
    for (const auto& text : {""s, " a"s, "a "s, "a\nb"s, "a\0b"s, "a\x7f"s, "caf\xe9"s, "\x1b[31m"s,
                             std::string(129, 'a')}) {
        request.name = text;
        EXPECT_NE(error(), "") << text;
        request.name = "dashboard";
        request.user = text;
        EXPECT_EQ(error() == "", text.empty()) << text;
        request.user.clear();
    }
    request.name = "Ren\xc3\xa9 & co";
    EXPECT_EQ(error(), "");
    request.plan = "gold plan";
    EXPECT_NE(error(), "");
}

TEST_F(TokenRequestTest, RefusesBadScopesAndNetworks)
{
    for (const char* scope : {"*", "a  b", "a b", ""}) {
        request.scopes = {scope};
        EXPECT_NE(error(), "") << scope;
    }
    request.scopes = {"read", "read"};
    EXPECT_EQ(error(), "the scope \"read\" is given twice");
    request.scopes.clear();
    request.networks = {"10.0.0.1/8"};
    EXPECT_NE(error().find("did you mean 10.0.0.0/8?"), std::string::npos);
    request.networks.assign(101, "10.0.0.0/8");
    EXPECT_NE(error().find("at most 100"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::identity
