// What the claims of a well-signed token must be.
#include <gtest/gtest.h>

#include <string>

#include "src/auth/test_gate.h"
#include "src/auth/test_issuer.h"

namespace gatehouse::auth {
namespace {

using test::Gate;
using test::Issuer;
using test::keyset_json;

class ClaimRules : public testing::Test {
protected:
    std::string answer(const std::string& claims) { return gate_.answer(issuer_.token(claims)); }

    /// With an exp that is right.
    std::string with(const std::string& member)
    {
        return answer(R"({"exp":1800000100,)" + member + '}');
    }

    Issuer issuer_{Algorithm::hs256};
    Gate gate_{{keyset_json({issuer_.jwk_with_algorithm()})}, {.leeway_s = 60}};
};

TEST_F(ClaimRules, ExpMustBeThere)
{
    EXPECT_EQ(answer("{}"), "no_expiry");
    EXPECT_EQ(answer(R"({"sub":"a","iat":1800000000})"), "no_expiry");
    EXPECT_EQ(answer(R"({"EXP":1800000100})"), "no_expiry");
    EXPECT_EQ(answer(R"({"x":{"exp":1800000100}})"), "no_expiry");
}

TEST_F(ClaimRules, ExpHasTheLeewayAndNotASecondMore)
{
    EXPECT_EQ(answer(R"({"exp":1799999941})"), "ok");  // now - 59 s
    EXPECT_EQ(answer(R"({"exp":1799999940})"), "expired");
    EXPECT_EQ(answer(R"({"exp":1799999939})"), "expired");
    EXPECT_EQ(answer(R"({"exp":0})"), "expired");
    EXPECT_EQ(answer(R"({"exp":9007199254740991})"), "ok");
    gate_.policy().leeway_s = 0;
    EXPECT_EQ(answer(R"({"exp":1800000001})"), "ok");
    EXPECT_EQ(answer(R"({"exp":1800000000})"), "expired");
}

TEST_F(ClaimRules, DatesAreWholeNumbers)
{
    for (const char* date :
         {"\"1800000100\"", "-1", "-1800000100", "9223372036854775808", "9007199254740992",
          "1800000100.0", "1800000100.5", "1.8e9", "1e400", "null", "true", "[1800000100]", "{}"}) {
        for (const char* name : {"exp", "nbf", "iat"}) {
            const auto claims = R"({")" + std::string{name} + R"(":)" + date + '}';
            EXPECT_EQ(answer(claims), "claim_type") << claims;
        }
    }
    EXPECT_EQ(answer(R"({"exp":NaN})"), "malformed");
}

TEST_F(ClaimRules, NotBeforeAndIssuedAt)
{
    EXPECT_EQ(with(R"("nbf":1800000060)"), "ok");
    EXPECT_EQ(with(R"("nbf":1800000061)"), "not_yet_valid");
    EXPECT_EQ(with(R"("nbf":0)"), "ok");
    EXPECT_EQ(with(R"("iat":1800000060)"), "ok");
    EXPECT_EQ(with(R"("iat":1800000061)"), "issued_ahead");
    EXPECT_EQ(with(R"("iat":9007199254740991)"), "issued_ahead");
    EXPECT_EQ(with(R"("iat":0,"nbf":0)"), "ok");
}

TEST_F(ClaimRules, Issuer)
{
    EXPECT_EQ(with(R"("iss":"anybody")"), "ok");
    gate_.policy().issuers = {"https://issuer.example", "other"};
    EXPECT_EQ(with(R"("iss":"https://issuer.example")"), "ok");
    EXPECT_EQ(with(R"("iss":"other")"), "ok");
    for (const char* iss :
         {"https://issuer.example/", "https://issuer.exampl", "https://ISSUER.example", "", "o",
          "https://issuer.example\\u0000", "https://issuer.example,other"}) {
        EXPECT_EQ(with(R"("iss":")" + std::string{iss} + '"'), "issuer") << iss;
    }
    EXPECT_EQ(with(R"("sub":"a")"), "issuer");
    for (const char* iss : {"7", "null", R"(["other"])", R"({"other":1})"}) {
        EXPECT_EQ(with(R"("iss":)" + std::string{iss}), "claim_type") << iss;
    }
}

TEST_F(ClaimRules, Audience)
{
    gate_.policy().audiences = {"dash", "api"};
    EXPECT_EQ(with(R"("aud":"dash")"), "ok");
    EXPECT_EQ(with(R"("aud":["x","api"])"), "ok");
    EXPECT_EQ(with(R"("aud":["dash"])"), "ok");
    for (const char* aud : {"[]", R"([""])", R"("das")", R"("dashboard")", R"("Dash")",
                            R"(["DASH","x"])", R"("")", R"("dash api")"}) {
        EXPECT_EQ(with(R"("aud":)" + std::string{aud}), "audience") << aud;
    }
    EXPECT_EQ(with(R"("sub":"a")"), "audience");
    for (const char* aud : {R"({"dash":1})", "7", "null", R"(["dash",7])", R"([["dash"]])"}) {
        EXPECT_EQ(with(R"("aud":)" + std::string{aud}), "claim_type") << aud;
    }
}

TEST_F(ClaimRules, WhoIsNobodyTakesNoTokenForSomebody)
{
    EXPECT_EQ(with(R"("aud":"dash")"), "audience");
    EXPECT_EQ(with(R"("aud":[])"), "audience");
    EXPECT_EQ(with(R"("sub":"a")"), "ok");
    gate_.policy().any_audience = true;
    EXPECT_EQ(with(R"("aud":"dash")"), "ok");
    EXPECT_EQ(with(R"("aud":7)"), "claim_type");
}

TEST_F(ClaimRules, Subject)
{
    EXPECT_EQ(with(R"("sub":"a")"), "ok");
    EXPECT_EQ(with(R"("sub":42)"), "ok");  // what many issuers have, though no StringOrURI
    for (const char* sub : {"null", "true", "4.2", "[\"a\"]", "{}"}) {
        EXPECT_EQ(with(R"("sub":)" + std::string{sub}), "claim_type") << sub;
    }
}

TEST_F(ClaimRules, ExpiredIsSaidOnlyOfWhatWasGood)
{
    gate_.policy().issuers = {"us"};
    gate_.policy().audiences = {"dash"};
    EXPECT_EQ(answer(R"({"exp":1,"iss":"us","aud":"dash"})"), "expired");
    EXPECT_EQ(answer(R"({"exp":1,"iss":"them","aud":"dash"})"), "issuer");
    EXPECT_EQ(answer(R"({"exp":1,"iss":"us","aud":"x"})"), "audience");
    EXPECT_EQ(answer(R"({"exp":1,"iss":"us","aud":"dash","nbf":1900000000})"), "not_yet_valid");
    const auto token = issuer_.token(R"({"exp":1,"iss":"us","aud":"dash"})");
    EXPECT_EQ(gate_.answer(token.substr(0, token.size() - 4)), "signature");
}

}  // namespace
}  // namespace gatehouse::auth
