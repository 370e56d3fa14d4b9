// What is signed about a request: that a verifier which has the public key alone believes it, and
// for how long.
#include "src/auth/identity_claims.h"

#include <gtest/gtest.h>

#include <memory>

#include "src/auth/identity_signer.h"
#include "src/auth/jwt.h"

namespace gatehouse::auth {
namespace {

const std::string seed(32, '\x42');

std::string sign(IdentitySigner& signer, const IdentityClaims& claims, std::int64_t now_s)
{
    std::string token;
    EXPECT_TRUE(signer.append_token(token, identity_json(claims, now_s)));
    return token;
}

class SignedIdentity : public testing::Test {
protected:
    Verdict verify(const std::string& token, std::int64_t now_s)
    {
        const Keyset* const sets[] = {&keys_->keyset};
        JwtPolicy policy;
        policy.issuers = {std::string{identity_issuer}};
        policy.leeway_s = 0;
        return verifier_->verify(token, sets, policy, now_s);
    }

    Result<IdentitySigner> signer_ = IdentitySigner::from_seed(seed);
    Result<ParsedKeyset> keys_ =
        parse_keyset(R"({"keys":[)" + signer_->public_jwk() + "]}", KeysetOrigin::fetched);
    std::unique_ptr<JwtVerifier> verifier_ = std::make_unique<JwtVerifier>();
};

TEST_F(SignedIdentity, IsBelievedByWhoHasThePublicKeyAndForHalfAMinute)
{
    const auto token = sign(*signer_,
                            {.user = "ada",
                             .method = "jwt",
                             .token_id = "t1",
                             .plan = "gold",
                             .scopes = "read write",
                             .roles = {"admin", "o\"ps"},
                             .request_method = "POST",
                             .request_path = "/a/b",
                             .request_id = "r1"},
                            1000);
    const auto verdict = verify(token, 1029);
    ASSERT_TRUE(verdict) << reason_of(verdict.rejection);
    const auto& claims = verdict.claims;
    EXPECT_EQ(claims.find("sub").text(), "ada");
    EXPECT_TRUE(has_scope(claims, "write"));
    EXPECT_TRUE(has_role(claims, "o\"ps"));
    EXPECT_EQ(claims.find("htm").text(), "POST");
    EXPECT_EQ(claims.find("htu").text(), "/a/b");
    EXPECT_EQ(verify(token, 1030).rejection, Rejection::expired);
}

TEST_F(SignedIdentity, OfAnotherKeyIsNotBelieved)
{
    auto other = IdentitySigner::from_seed(std::string(32, '\x43'));
    ASSERT_TRUE(other);
    EXPECT_EQ(verify(sign(*other, {.user = "ada"}, 1000), 1000).rejection, Rejection::unknown_kid);
}

TEST(IdentityJson, LeavesOutWhatIsNotKnownAndEscapesWhatIs)
{
    EXPECT_EQ(identity_json({.user = "a\nb"}, 5),
              R"({"iss":"gatehouse","iat":5,"exp":35,"sub":"a\nb"})");
}

TEST(IdentityKeyTable, HoldsASeedOrNothing)
{
    const auto bytes = identity_key_bytes(seed);
    EXPECT_EQ(identity_seed(bytes), seed);
    EXPECT_EQ(identity_seed(bytes + "x"), "");
    EXPECT_EQ(identity_seed(seed), "");
    EXPECT_EQ(identity_seed(""), "");
}

}  // namespace
}  // namespace gatehouse::auth
