// Whom the API believes: what the module signs for this very request, and nothing near it.
#include "sidecar/api/identity_check.h"

#include <gtest/gtest.h>

#include "src/auth/base64url.h"
#include "src/auth/identity_claims.h"
#include "src/auth/identity_signer.h"

namespace gatehouse::api {
namespace {

const std::string seed(32, '\x42');
constexpr std::int64_t now_s = 1'800'000'000;
constexpr std::string_view path = "/gatehouse/api/v1/datasets/runs";

std::string sign(const std::string& json, const std::string& with = seed)
{
    auto signer = auth::IdentitySigner::from_seed(with);
    std::string token;
    EXPECT_TRUE(signer && signer->append_token(token, json));
    return token;
}

auth::IdentityClaims ada()
{
    return {.user = "ada",
            .method = "token",
            .token_id = "2pR8xQ0b",
            .plan = "gold",
            .scopes = "read write:runs",
            .roles = {"admin", "ops"},
            .request_method = "PUT",
            .request_path = path,
            .request_id = "r1"};
}

std::string token_of_ada()
{
    return sign(auth::identity_json(ada(), now_s));
}

class Identity : public testing::Test {
protected:
    std::optional<Caller> ask(std::string_view token, std::string_view method = "PUT",
                              std::string_view at = path, std::int64_t when_s = now_s)
    {
        return check_->caller(token, method, at, when_s);
    }

    /// Of a token that the key signed, over these claims.
    bool believes(const std::string& json) { return ask(sign(json)).has_value(); }

    Result<IdentityCheck> check_ = IdentityCheck::of_seed(seed);
};

TEST_F(Identity, OfThisRequestIsBelievedWhole)
{
    const auto caller = ask(token_of_ada());
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->user, "ada");
    EXPECT_EQ(caller->method, "token");
    EXPECT_EQ(caller->token_id, "2pR8xQ0b");
    EXPECT_EQ(caller->plan, "gold");
    EXPECT_EQ(caller->scopes, (std::vector<std::string>{"read", "write:runs"}));
    EXPECT_EQ(caller->roles, (std::vector<std::string>{"admin", "ops"}));
    EXPECT_EQ(caller->request_id, "r1");
    EXPECT_TRUE(caller->has_scope("write:runs"));
    EXPECT_FALSE(caller->has_scope("write"));
}

TEST_F(Identity, OfAnotherRequestIsNot)
{
    const auto token = token_of_ada();
    EXPECT_FALSE(ask(token, "POST"));
    EXPECT_FALSE(ask(token, "put"));
    EXPECT_FALSE(ask(token, "PUT", "/gatehouse/api/v1/datasets/run"));
    EXPECT_FALSE(ask(token, "PUT", "/gatehouse/api/v1/datasets/runs/"));
    EXPECT_FALSE(ask(token, "PUT", "/gatehouse/api/v1/datasets/run%73"));
    EXPECT_FALSE(ask(token, "PUT", ""));
}

TEST_F(Identity, LivesHalfAMinute)
{
    const auto token = token_of_ada();
    EXPECT_TRUE(ask(token, "PUT", path, now_s + 29));
    EXPECT_TRUE(ask(token, "PUT", path, now_s + 30 + IdentityCheck::leeway_s - 1));
    EXPECT_FALSE(ask(token, "PUT", path, now_s + 30 + IdentityCheck::leeway_s));
    EXPECT_TRUE(ask(token, "PUT", path, now_s - IdentityCheck::leeway_s));
    EXPECT_FALSE(ask(token, "PUT", path, now_s - IdentityCheck::leeway_s - 1));
}

TEST_F(Identity, IsSignedByOurKeyAlone)
{
    EXPECT_FALSE(ask(sign(auth::identity_json(ada(), now_s), std::string(32, '\x43'))));
    auto token = token_of_ada();
    for (std::size_t at = 0; at < token.size(); ++at) {
        const char was = token[at];
        token[at] = was == 'A' ? 'B' : 'A';
        EXPECT_FALSE(ask(token)) << at;
        token[at] = was;
    }
    EXPECT_TRUE(ask(token));
    for (std::size_t size = 0; size < token.size(); ++size) {
        EXPECT_FALSE(ask(token.substr(0, size))) << size;
    }
    for (const char* tail : {"A", "==", ".", ".AAAA", " ", "\n"}) {
        EXPECT_FALSE(ask(token + tail)) << tail;
    }
}

/// With another header before what the key has signed.
std::string under_header(const std::string& token, std::string_view header)
{
    std::string out;
    auth::append_base64url(out, header);
    return out + token.substr(token.find('.'));
}

TEST_F(Identity, NamesEdDsaAndTheKeyInItsHeader)
{
    const auto token = token_of_ada();
    const auto signer = auth::IdentitySigner::from_seed(seed);
    for (const std::string& header :
         {std::string{R"({"alg":"none"})"}, std::string{R"({"alg":"EdDSA"})"},
          R"({"alg":"none","kid":")" + signer->kid() + R"("})",
          R"({"alg":"HS256","kid":")" + signer->kid() + R"("})",
          R"({"alg":"EdDSA","kid":")" + signer->kid() + R"(","crit":["exp"]})"}) {
        EXPECT_FALSE(ask(under_header(token, header))) << header;
    }
    EXPECT_FALSE(ask(under_header(token, R"({"alg":"none"})").substr(0, token.rfind('.'))));
}

TEST_F(Identity, HasAllThatItMustHave)
{
    const std::string request = R"(,"htm":"PUT","htu":"/gatehouse/api/v1/datasets/runs"})";
    const std::string dates = R"("iat":1800000000,"exp":1800000030)";
    EXPECT_TRUE(believes(R"({"iss":"gatehouse",)" + dates + request));
    EXPECT_FALSE(believes("{" + dates + request)) << "no issuer";
    EXPECT_FALSE(believes(R"({"iss":"another",)" + dates + request));
    EXPECT_FALSE(believes(R"({"iss":"gatehouse","exp":1800000030)" + request)) << "no iat";
    EXPECT_FALSE(believes(R"({"iss":"gatehouse","iat":1800000000)" + request)) << "no exp";
    EXPECT_FALSE(believes(R"({"iss":"gatehouse","iat":1800000000,"exp":1800000031)" + request))
        << "for longer than we issue";
    EXPECT_FALSE(believes(R"({"iss":"gatehouse",)" + dates + R"(,"htm":"PUT"})")) << "no htu";
    EXPECT_FALSE(
        believes(R"({"iss":"gatehouse",)" + dates + R"(,"htu":"/gatehouse/api/v1/datasets/runs"})"))
        << "no htm";
    EXPECT_FALSE(believes(R"({"iss":"gatehouse",)" + dates +
                          R"(,"htm":["PUT"],"htu":"/gatehouse/api/v1/datasets/runs"})"));
}

}  // namespace
}  // namespace gatehouse::api
