#include "sidecar/identity/request_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

template <class Parse>
std::string error_of(const Parse& parse, std::string_view json)
{
    const auto parsed = parse(json);
    return parsed ? "" : parsed.error().message;
}

TEST(TokenRequestJson, ReadsEveryKey)
{
    const auto request = parse_token_request(
        R"({"name": "n", "user": "u", "scopes": ["a", "b"], "plan": "p",
            "networks": ["::1"], "expires": "never", "not_before": "1h"})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->name, "n");
    EXPECT_EQ(request->user, "u");
    EXPECT_THAT(request->scopes, ElementsAre("a", "b"));
    EXPECT_EQ(request->plan, "p");
    EXPECT_THAT(request->networks, ElementsAre("::1"));
    EXPECT_EQ(request->expires, "never");
    EXPECT_EQ(request->not_before, "1h");
}

TEST(TokenRequestJson, RefusesWhatItDoesNotKnow)
{
    EXPECT_THAT(error_of(parse_token_request, R"({"expiry": "1d"})"),
                HasSubstr("unknown key \"expiry\"; there are expires, name"));
    EXPECT_THAT(error_of(parse_token_request, R"({"name": 7})"), HasSubstr("must be a text"));
    EXPECT_THAT(error_of(parse_token_request, R"({"scopes": "read"})"), HasSubstr("a list of"));
    EXPECT_THAT(error_of(parse_token_request, R"({"scopes": [1]})"), HasSubstr("a list of"));
    for (const char* json : {"", "[]", "{", "7", R"({"name": "a", "name": "b"})"}) {
        EXPECT_NE(error_of(parse_token_request, json), "") << json;
    }
}

TEST(RotateRequestJson, MayBeEmpty)
{
    EXPECT_TRUE(parse_rotate_request(""));
    EXPECT_EQ(parse_rotate_request(R"({"overlap": "1h"})")->overlap, "1h");
    EXPECT_FALSE(parse_rotate_request(R"({"overlaps": "1h"})"));
}

TEST(ForeignTokensJson, ReadsWhatApplicationsKeep)
{
    const auto tokens = parse_foreign_tokens(
        R"({"abcdef1234567890": {"user": "api_user", "scope": "read"},
            "0123456789abcdef": {"user": "bob", "scopes": ["a", "b"], "expires": "never"}})");
    ASSERT_TRUE(tokens);
    ASSERT_EQ(tokens->size(), 2u);
    EXPECT_EQ((*tokens)[0].text, "abcdef1234567890");
    EXPECT_EQ((*tokens)[0].request.user, "api_user");
    EXPECT_EQ((*tokens)[0].request.name, "imported");
    EXPECT_THAT((*tokens)[0].request.scopes, ElementsAre("read"));
    EXPECT_THAT((*tokens)[1].request.scopes, ElementsAre("a", "b"));
    EXPECT_EQ((*tokens)[1].request.expires, "never");
}

TEST(ForeignTokensJson, ScopesAreSeparatedByOneSpace)
{
    const auto scopes = [](const char* json) {
        return (*parse_foreign_tokens(json))[0].request.scopes;
    };
    EXPECT_THAT(scopes(R"({"t": {"user": "u", "scope": "a b"}})"), ElementsAre("a", "b"));
    EXPECT_THAT(scopes(R"({"t": {"user": "u", "scope": ""}})"), ElementsAre());
    // The empty name between them is refused when the token is made.
    EXPECT_THAT(scopes(R"({"t": {"user": "u", "scope": "a  b"}})"), ElementsAre("a", "", "b"));
    EXPECT_THAT(scopes(R"({"t": {"user": "u", "scope": "a "}})"), ElementsAre("a", ""));
}

TEST(ForeignTokensJson, NoMessageShowsAToken)
{
    for (const char* json :
         {R"({"SECRETSECRET": {"usr": "u"}})", R"({"SECRETSECRET": 7})", R"({"SECRETSECRET": {}})",
          R"({"SECRETSECRET": {"user": "u"}, "SECRETSECRET": {"user": "v"}})",
          R"({"SECRETSECRET": {"user": "u"})"}) {
        const auto error = error_of(parse_foreign_tokens, json);
        EXPECT_NE(error, "") << json;
        EXPECT_THAT(error, Not(HasSubstr("SECRET"))) << json;
    }
}

TEST(VerifyRequestJson, ReadsAddresses)
{
    EXPECT_EQ(parse_verify_request(R"({"token": "t"})")->address.size(), 0u);
    EXPECT_EQ(parse_verify_request(R"({"token": "t", "address": "192.0.2.1"})")->address.size(),
              4u);
    EXPECT_EQ(parse_verify_request(R"({"token": "t", "address": "::1"})")->address.size(), 16u);
    EXPECT_FALSE(parse_verify_request(R"({"token": "t", "address": "here"})"));
}

}  // namespace
}  // namespace gatehouse::identity
