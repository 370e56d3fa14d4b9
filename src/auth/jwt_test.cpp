// Tokens as a whole: their form, their header, and which key they are checked with.
#include "src/auth/jwt.h"

#include <gtest/gtest.h>

#include <string>

#include "src/auth/test_gate.h"
#include "src/auth/test_issuer.h"

namespace gatehouse::auth {
namespace {

using test::encoded;
using test::Gate;
using test::Issuer;
using test::keyset_json;

constexpr std::string_view good = R"({"sub":"a","exp":1800000100})";

TEST(Jwt, TellsWhatItHasRead)
{
    const Issuer issuer{Algorithm::es256, "k1"};
    Gate gate{{keyset_json({issuer.jwk()})}};
    const auto verdict = gate.ask(issuer.token(good));
    ASSERT_TRUE(verdict) << reason_of(verdict.rejection);
    EXPECT_EQ(verdict.algorithm, Algorithm::es256);
    EXPECT_EQ(verdict.kid, "k1");
    EXPECT_EQ(verdict.expires_s, 1'800'000'100 + 30);
    EXPECT_EQ(verdict.claims.find("sub").text(), "a");

    const auto expired = gate.ask(issuer.token(good), verdict.expires_s);
    EXPECT_EQ(expired.rejection, Rejection::expired);
    EXPECT_TRUE(expired.claims.empty());
    EXPECT_TRUE(gate.ask(issuer.token(good), verdict.expires_s - 1));
}

TEST(Jwt, HasThreePartsAndNothingElse)
{
    const Issuer issuer{Algorithm::hs256};
    Gate gate{{keyset_json({issuer.jwk_with_algorithm()})}};
    const auto token = issuer.token(good);
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    ASSERT_EQ(gate.answer(token), "ok");
    for (const auto& other :
         {std::string{}, std::string{"."}, std::string{".."}, token.substr(0, second),
          token.substr(0, second + 1), token + '.', '.' + token, token + ".AA", token + ".AA.AA",
          token.substr(first), token.substr(0, first + 1) + token.substr(second),
          token.substr(0, first) + ".." + token.substr(second + 1), token + ' ', ' ' + token,
          token + '\n', token + '=', token + std::string(1, '\0'), "Bearer " + token}) {
        EXPECT_EQ(gate.answer(other), "malformed") << other;
    }
}

TEST(Jwt, AnyOtherCharacterBreaksIt)
{
    const Issuer issuer{Algorithm::hs256};
    Gate gate{{keyset_json({issuer.jwk_with_algorithm()})}};
    const auto token = issuer.token(good);
    for (const char* added : {"A", "AA", "AAA", "AAAA"}) {
        EXPECT_NE(gate.answer(token + added), "ok") << added;
    }
    for (std::size_t at = 0; at < token.size(); ++at) {
        for (const char c : {'A', 'B', 'w', '-', '.', '~'}) {
            auto other = token;
            other[at] = c;
            EXPECT_EQ(gate.answer(other) == "ok", other == token) << at << c;
        }
        EXPECT_NE(gate.answer(token.substr(0, at)), "ok") << at;
    }
    EXPECT_EQ(gate.answer(token), "ok");
}

TEST(Jwt, SizesHaveBounds)
{
    const Issuer issuer{Algorithm::hs256};
    Gate gate{{keyset_json({issuer.jwk_with_algorithm()})}};
    const auto of_size = [&](std::size_t filling) {
        return issuer.token(R"({"exp":1800000100,"x":")" + std::string(filling, 'x') + "\"}");
    };
    std::size_t filling = 5900;
    while (of_size(filling + 1).size() <= max_token_bytes) {
        ++filling;
    }
    EXPECT_EQ(gate.answer(of_size(filling)), "ok");
    EXPECT_EQ(gate.answer(of_size(filling + 1)), "too_large");
    EXPECT_EQ(gate.answer(std::string(1 << 20, 'A')), "too_large");

    const auto of_header = [&](std::size_t filling) {
        return issuer.token(R"({"alg":"HS256","x":")" + std::string(filling, 'x') + "\"}", good);
    };
    EXPECT_EQ(gate.answer(of_header(700)), "ok");
    EXPECT_EQ(gate.answer(of_header(800)), "too_large");
}

TEST(Jwt, HeaderAndClaimsAreJsonObjects)
{
    const Issuer issuer{Algorithm::hs256};
    Gate gate{{keyset_json({issuer.jwk_with_algorithm()})}};
    for (const char* header :
         {"", "[]", "\"HS256\"", "null", R"({"alg":"HS256")", R"({"alg":"HS256"}})",
          R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"none","alg":"HS256"})",
          R"({"alg":"HS256","alg":"none"})", "{\"alg\":\"HS256\",\"x\":\"\xFF\"}"}) {
        EXPECT_EQ(gate.answer(issuer.token(header, good)), "malformed") << header;
    }
    for (const char* claims :
         {"[]", "\"a\"", "7", R"({"exp":1800000100)", R"({"exp":1800000100,"exp":1800000100})",
          R"({"exp":1,"exp":1800000100})", R"({"exp":1800000100}x)",
          "{\"exp\":1800000100,\"x\":\"\n\"}", R"({"exp":1800000100,"a":{"b":1,"b":2}})"}) {
        EXPECT_EQ(gate.answer(issuer.token(claims)), "malformed") << claims;
    }
}

TEST(Jwt, TheHeaderNamesTheKeysAlgorithm)
{
    const Issuer issuer{Algorithm::hs256};
    Gate gate{{keyset_json({issuer.jwk_with_algorithm()})}};
    for (const char* header :
         {R"({"alg":"none"})", R"({"alg":"NONE"})", R"({"alg":"nOnE"})", R"({})",
          R"({"typ":"JWT"})", R"({"alg":null})", R"({"alg":256})", R"({"alg":["HS256"]})",
          R"({"alg":{"HS256":1}})", R"({"alg":""})", R"({"alg":"hs256"})", R"({"alg":"HS256 "})",
          R"({"alg":"HS256\u0000"})", R"({"alg":"HS384"})", R"({"alg":"RS256"})",
          R"({"alg":"ES256K"})", R"({"alg":"dir"})", R"({"ALG":"HS256"})"}) {
        EXPECT_EQ(gate.answer(issuer.token(header, good)), "algorithm") << header;
    }
    EXPECT_EQ(gate.answer(issuer.token(R"({"\u0061lg":"HS\u003256"})", good)), "ok");
}

TEST(Jwt, AHeaderBringsNoKeysAndNoExtensions)
{
    const Issuer issuer{Algorithm::hs256};
    Gate gate{{keyset_json({issuer.jwk_with_algorithm()})}};
    for (const char* parameter :
         {R"("jwk":{"kty":"oct","k":"AA"})", R"("jku":"https://evil.example/jwks")",
          R"("x5u":"https://evil.example/x5u")", R"("x5c":["MII"])", R"("crit":["exp"],"exp":1)",
          R"("crit":[])", R"("b64":false)", R"("b64":true)", R"("zip":"DEF")", R"("enc":"A128GCM")",
          R"("kid":7)", R"("kid":null)", R"("kid":["a"])", R"("typ":1)", R"("cty":{})"}) {
        const auto header = std::string{R"({"alg":"HS256",)"} + parameter + '}';
        EXPECT_EQ(gate.answer(issuer.token(header, good)), "header_parameter") << header;
    }
    // RFC 7515 §4: what is not understood is ignored.
    for (const char* parameter : {R"("cty":"json")", R"("x5t":"AAAA")", R"("x5t#S256":"AAAA")",
                                  R"("cat":"cl_B7d4PD111AAA")", R"("nonce":[1])"}) {
        const auto header = std::string{R"({"alg":"HS256",)"} + parameter + '}';
        EXPECT_EQ(gate.answer(issuer.token(header, good)), "ok") << header;
    }
}

TEST(Jwt, TypeIsThatOfAJwt)
{
    const Issuer issuer{Algorithm::hs256};
    Gate gate{{keyset_json({issuer.jwk_with_algorithm()})}};
    const auto answer = [&](const std::string& type) {
        return gate.answer(issuer.token(R"({"alg":"HS256","typ":")" + type + "\"}", good));
    };
    for (const char* type : {"JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "application/jwt",
                             "application/at+jwt", "Application/JWT"}) {
        EXPECT_EQ(answer(type), "ok") << type;
    }
    for (const char* type : {"", "JOSE", "JWE", "dpop+jwt", "application/", "text/jwt", "JWT ",
                             "logout+jwt", "secevent+jwt"}) {
        EXPECT_EQ(answer(type), "type") << type;
    }
}

// ---- which key --------------------------------------------------------------------------------

TEST(Jwt, AKidNamesTheKey)
{
    const Issuer one{Algorithm::es256, "one"};
    const Issuer two{Algorithm::es256, "two"};
    Gate gate{{keyset_json({one.jwk(), two.jwk()})}};
    EXPECT_EQ(gate.answer(one.token(good)), "ok");
    EXPECT_EQ(gate.answer(two.token(good)), "ok");
    EXPECT_EQ(gate.answer(two.token(one.header(), good)), "signature");
    EXPECT_EQ(gate.answer(one.token(R"({"alg":"ES256"})", good)), "no_kid");
    for (const char* kid : {"three", "", "ONE", "one ", "on", "../../etc/passwd", "' OR 1=1",
                            "one\\u0000", "\\u0000"}) {
        const auto header = std::string{R"({"alg":"ES256","kid":")"} + kid + "\"}";
        EXPECT_EQ(gate.answer(one.token(header, good)), "unknown_kid") << kid;
    }
    EXPECT_EQ(
        gate.answer(one.token(R"({"alg":"ES256","kid":")" + std::string(4096, 'k') + "\"}", good)),
        "too_large");
    EXPECT_EQ(gate.ask(one.token(R"({"alg":"ES256","kid":"three"})", good)).kid, "three");
}

TEST(Jwt, WithoutAKidTheOnlyKey)
{
    const Issuer named{Algorithm::es256, "one"};
    Gate gate{{keyset_json({named.jwk()})}};
    EXPECT_EQ(gate.answer(named.token(R"({"alg":"ES256"})", good)), "ok");
    // The only key of a set, when it has no name, is meant whatever the token calls it.
    const Issuer nameless{Algorithm::es256};
    Gate other{{keyset_json({nameless.jwk()})}};
    EXPECT_EQ(other.answer(nameless.token(good)), "ok");
    EXPECT_EQ(other.answer(nameless.token(R"({"alg":"ES256","kid":"x"})", good)), "ok");
    EXPECT_EQ(other.answer(named.token(R"({"alg":"ES256","kid":"x"})", good)), "signature");
    EXPECT_EQ(other.answer(named.token(R"({"alg":"HS256","kid":"x"})", good)), "unknown_kid");
}

TEST(Jwt, SeveralSets)
{
    const Issuer secret{Algorithm::hs256};
    const Issuer one{Algorithm::es256, "one"};
    const Issuer two{Algorithm::eddsa, "two"};
    Gate gate{{keyset_json({one.jwk(), two.jwk()})}};
    auto keyset = keyset_of_secret(secret.secret(), Algorithm::hs256, "");
    ASSERT_TRUE(keyset);
    gate.add(std::move(*keyset));
    EXPECT_EQ(gate.answer(secret.token(good)), "ok");
    EXPECT_EQ(gate.answer(one.token(good)), "ok");
    EXPECT_EQ(gate.answer(two.token(good)), "ok");
    // Only a set of one key has one that can be meant.
    EXPECT_EQ(gate.answer(one.token(R"({"alg":"ES256"})", good)), "algorithm");

    // The same kid in two sets: the first that is for the algorithm.
    const Issuer again{Algorithm::rs256, "one"};
    gate.add(test::keyset_from(keyset_json({again.jwk()})));
    EXPECT_EQ(gate.answer(one.token(good)), "ok");
    EXPECT_EQ(gate.answer(again.token(good)), "ok");

    // Two that could be meant.
    gate.add(test::keyset_from(keyset_json({Issuer{Algorithm::hs256, "other"}.jwk()})));
    EXPECT_EQ(gate.answer(secret.token(good)), "no_kid");
}

TEST(Jwt, NoKeysNoEntry)
{
    const Issuer issuer{Algorithm::hs256, "one"};
    Gate gate{{}};
    EXPECT_EQ(gate.answer(issuer.token(good)), "unknown_kid");
    EXPECT_EQ(gate.answer(issuer.token(R"({"alg":"HS256"})", good)), "no_kid");
}

}  // namespace
}  // namespace gatehouse::auth
