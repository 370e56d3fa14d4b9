#include "src/auth/keyset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "src/auth/test_gate.h"
#include "src/auth/test_issuer.h"

namespace gatehouse::auth {
namespace {

using test::encoded;
using test::Issuer;
using test::keyset_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string error_of(const std::string& json, KeysetOrigin origin = KeysetOrigin::file)
{
    const auto parsed = parse_keyset(json, origin);
    return parsed ? "(accepted)" : parsed.error().message;
}

/// The warnings of a set that also has a good key, and has only that one in the end.
std::vector<std::string> warnings_of(const std::string& jwk)
{
    static const Issuer issuer{Algorithm::es256, "good"};
    const auto parsed = parse_keyset(keyset_json({jwk, issuer.jwk()}), KeysetOrigin::fetched);
    EXPECT_TRUE(parsed) << jwk;
    if (!parsed) {
        return {parsed.error().message};
    }
    EXPECT_EQ(parsed->keyset.keys().size(), 1U) << jwk;
    EXPECT_NE(parsed->keyset.find("good"), nullptr) << jwk;
    return parsed->warnings;
}

std::string rsa(const std::string& modulus, const std::string& exponent)
{
    return R"({"kty":"RSA","kid":"r","n":")" + encoded(modulus) + R"(","e":")" + encoded(exponent) +
           "\"}";
}

/// An odd number of so many bits.
std::string modulus(std::size_t bits)
{
    std::string bytes((bits + 7) / 8, '\x55');
    bytes.front() = static_cast<char>(1 << (bits + 7) % 8);
    return bytes;
}

const std::string f4{"\x01\x00\x01", 3};

TEST(Keyset, HasWhatTheSetHas)
{
    const Issuer rsa{Algorithm::rs256, "r"};
    const Issuer ec{Algorithm::es384, "e"};
    const Issuer okp{Algorithm::eddsa, "o"};
    const auto parsed =
        parse_keyset(keyset_json({rsa.jwk(), ec.jwk_with_algorithm(), okp.jwk(R"("use":"sig",)")}),
                     KeysetOrigin::fetched);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_THAT(parsed->warnings, IsEmpty());
    const auto& keyset = parsed->keyset;
    EXPECT_EQ(keyset.keys().size(), 3U);
    EXPECT_EQ(keyset.find("r")->usual(), Algorithm::rs256);
    EXPECT_NE(keyset.find("r")->check(Algorithm::ps512), nullptr);
    EXPECT_EQ(keyset.find("r")->check(Algorithm::hs256), nullptr);
    EXPECT_EQ(keyset.find("e")->usual(), Algorithm::es384);
    EXPECT_EQ(keyset.find("e")->check(Algorithm::es256), nullptr);
    EXPECT_EQ(keyset.find("o")->usual(), Algorithm::eddsa);
    EXPECT_EQ(keyset.find("x"), nullptr);
    EXPECT_EQ(keyset.find(""), nullptr);
}

TEST(Keyset, IsRefusedWhole)
{
    const Issuer issuer{Algorithm::es256, "k"};
    EXPECT_THAT(error_of("{}"), HasSubstr("no array \"keys\""));
    EXPECT_THAT(error_of(R"({"keys":{}})"), HasSubstr("no array \"keys\""));
    EXPECT_THAT(error_of(issuer.jwk()), HasSubstr("no array \"keys\""));
    EXPECT_THAT(error_of("[]"), HasSubstr("no array \"keys\""));
    EXPECT_THAT(error_of(R"({"keys":[]})"), HasSubstr("no key"));
    EXPECT_THAT(error_of(""), HasSubstr("not JSON"));
    EXPECT_THAT(error_of("<!DOCTYPE html><html></html>"), HasSubstr("not JSON"));
    EXPECT_THAT(error_of(keyset_json({issuer.jwk()}) + "x"), HasSubstr("not JSON"));
    EXPECT_THAT(error_of(R"({"keys":[],"keys":[]})"), HasSubstr("not JSON"));
    EXPECT_THAT(error_of(keyset_json({R"("text")"})), HasSubstr("key 1 is no object"));
    EXPECT_THAT(error_of(keyset_json({issuer.jwk(), issuer.jwk()})),
                HasSubstr(R"(key 2 ("k") has the kid of another)"));
    EXPECT_THAT(error_of(std::string(100'000, '[')), HasSubstr("not JSON"));
    EXPECT_THAT(error_of(keyset_json({R"({"kty":"XYZ"})"})), HasSubstr("its type \"XYZ\""));
}

TEST(Keyset, HasBounds)
{
    std::vector<std::string> jwks;
    const auto jwk = Issuer{Algorithm::eddsa}.jwk();
    jwks.resize(max_keys, jwk);
    EXPECT_EQ(error_of(keyset_json(jwks)), "(accepted)");
    jwks.push_back(jwk);
    EXPECT_THAT(error_of(keyset_json(jwks)), HasSubstr("101 keys, more than 100"));
    jwks.resize(10'000, jwk);
    EXPECT_NE(error_of(keyset_json(jwks)), "(accepted)");

    auto large = keyset_json({jwk});
    large.append(max_keyset_bytes - large.size(), ' ');
    EXPECT_EQ(error_of(large), "(accepted)");
    EXPECT_THAT(error_of(large + ' '), HasSubstr("more than 1048576"));
    EXPECT_THAT(error_of(std::string(5 << 20, ' ')), HasSubstr("5242880 bytes"));
}

TEST(Keyset, SecretsAreNotFetched)
{
    const Issuer secret{Algorithm::hs256, "s"};
    const Issuer issuer{Algorithm::es256, "k"};
    const auto json = keyset_json({issuer.jwk(), secret.jwk()});
    EXPECT_EQ(error_of(json), "(accepted)");
    EXPECT_THAT(error_of(json, KeysetOrigin::fetched), HasSubstr("key 2 (\"s\") is a secret"));
}

TEST(Keyset, LeavesOutRsaKeysThatAreWeakOrDear)
{
    EXPECT_THAT(
        warnings_of(rsa(modulus(1024), f4)),
        ElementsAre("key 1 (\"r\") is not used: its modulus has 1024 bits, not 2048 to 8192"));
    EXPECT_THAT(warnings_of(rsa(modulus(2047), f4)), ElementsAre(HasSubstr("2047 bits")));
    EXPECT_THAT(warnings_of(rsa(modulus(8193), f4)), ElementsAre(HasSubstr("8193 bits")));
    EXPECT_THAT(warnings_of(rsa(modulus(16'384), f4)), ElementsAre(HasSubstr("16384 bits")));
    EXPECT_THAT(warnings_of(rsa("\x01", f4)), ElementsAre(HasSubstr("modulus has 1 bits")));
    EXPECT_THAT(warnings_of(rsa(std::string(256, '\0'), f4)), ElementsAre(HasSubstr("0 bits")));
    EXPECT_THAT(warnings_of(rsa(modulus(2048).replace(255, 1, "\x54"), f4)),
                ElementsAre(HasSubstr("even")));
    for (const auto& exponent :
         {std::string{"\x01"}, std::string{"\x03"}, std::string{"\x11"}, std::string(3, '\0'),
          std::string{"\x01\x00\x02", 3}, std::string{"\xFF\xFF"}, std::string{"\x01\0\0\0\1", 5},
          std::string(256, '\x7F')}) {
        EXPECT_THAT(warnings_of(rsa(modulus(2048), exponent)),
                    ElementsAre(HasSubstr("public exponent")));
    }
    // Leading zeros are of no account.
    EXPECT_EQ(error_of(keyset_json({rsa(std::string(3, '\0') + modulus(2048), '\0' + f4)})),
              "(accepted)");
    EXPECT_EQ(error_of(keyset_json({rsa(modulus(8192), f4)})), "(accepted)");
}

TEST(Keyset, LeavesOutWhatIsNoKey)
{
    for (const char* jwk :
         {R"({})", R"({"kty":null})", R"({"kty":"rsa"})", R"({"kty":"RSA"})",
          R"({"kty":"RSA","n":"AQAB"})", R"({"kty":"RSA","n":7,"e":"AQAB"})",
          R"({"kty":"RSA","n":"==","e":"AQAB"})", R"({"kty":"EC"})",
          R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})", R"({"kty":"EC","crv":"P-256"})",
          R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})",
          R"({"kty":"OKP","crv":"X25519","x":"AA"})", R"({"kty":"OKP","crv":"Ed25519"})",
          R"({"kty":"OKP","crv":"Ed25519","x":"AA"})", R"({"kty":"OKP","crv":"Ed448","x":""})",
          R"({"kty":"AKP","alg":"ML-DSA-44"})"}) {
        EXPECT_EQ(warnings_of(jwk).size(), 1U) << jwk;
    }
    const Issuer ec{Algorithm::es256};
    const Issuer okp{Algorithm::eddsa};
    EXPECT_THAT(warnings_of(ec.jwk(R"("alg":"ES384",)")), ElementsAre(HasSubstr("\"ES384\"")));
    EXPECT_THAT(warnings_of(ec.jwk(R"("alg":"HS256",)")), ElementsAre(HasSubstr("\"HS256\"")));
    EXPECT_THAT(warnings_of(ec.jwk(R"("alg":"none",)")), ElementsAre(HasSubstr("\"none\"")));
    EXPECT_THAT(warnings_of(ec.jwk(R"("alg":7,)")), ElementsAre(HasSubstr("its algorithm")));
    EXPECT_THAT(warnings_of(okp.jwk(R"("kid":7,)")), ElementsAre(HasSubstr("its kid")));
    EXPECT_THAT(warnings_of(okp.jwk(R"("kid":"",)")), ElementsAre(HasSubstr("its kid")));
    EXPECT_THAT(warnings_of(okp.jwk(R"("kid":")" + std::string(257, 'k') + "\",")),
                ElementsAre(HasSubstr("its kid")));
}

TEST(Keyset, PointsLieOnTheirCurve)
{
    // RFC 7515 A.3.1 with the last bit of y turned, and with x and y swapped.
    const std::string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const std::string y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    const auto jwk = [](const std::string& x, const std::string& y) {
        return R"({"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + y + "\"}";
    };
    EXPECT_EQ(error_of(keyset_json({jwk(x, y)})), "(accepted)");
    auto turned = y;
    turned.replace(turned.size() - 2, 2, "aw");
    EXPECT_THAT(warnings_of(jwk(x, turned)), ElementsAre(HasSubstr("no point of P-256")));
    EXPECT_THAT(warnings_of(jwk(y, x)), ElementsAre(HasSubstr("no point of P-256")));
    const std::string zero(43, 'A');
    EXPECT_THAT(warnings_of(jwk(zero, zero)), ElementsAre(HasSubstr("no point of P-256")));
    // RFC 7518 §6.2.1.2: the full length, so neither without nor with more leading zeros.
    EXPECT_THAT(warnings_of(jwk(encoded('\0' + *base64url_decode(x)), y)),
                ElementsAre(HasSubstr("32 bytes")));
}

TEST(Keyset, KeysForOtherUsesAreLeftOutInSilence)
{
    const Issuer issuer{Algorithm::rs256, "x"};
    for (const char* member :
         {R"("use":"enc",)", R"("use":"",)", R"("use":7,)", R"("key_ops":["sign"],)",
          R"("key_ops":[],)", R"("key_ops":["encrypt","wrapKey"],)", R"("key_ops":"verify",)",
          R"("use":"enc","key_ops":["verify"],)"}) {
        EXPECT_THAT(warnings_of(issuer.jwk(member)), IsEmpty()) << member;
    }
    for (const char* member : {R"("use":"sig",)", R"("key_ops":["verify"],)",
                               R"("use":"sig","key_ops":["sign","verify"],)",
                               R"("x5t":"AA","x5c":["AA"],"unknown":{},)"}) {
        EXPECT_EQ(error_of(keyset_json({issuer.jwk(member)})), "(accepted)") << member;
    }
}

TEST(Keyset, ShortSecretsAreRefused)
{
    const auto jwk = [](std::size_t bytes, const std::string& algorithm) {
        return R"({"kty":"oct",)" + (algorithm.empty() ? "" : R"("alg":")" + algorithm + R"(",)") +
               R"("k":")" + encoded(std::string(bytes, 's')) + "\"}";
    };
    EXPECT_EQ(error_of(keyset_json({jwk(32, "")})), "(accepted)");
    EXPECT_EQ(error_of(keyset_json({jwk(32, "HS256")})), "(accepted)");
    EXPECT_EQ(error_of(keyset_json({jwk(64, "HS512")})), "(accepted)");
    EXPECT_THAT(error_of(keyset_json({jwk(31, "")})), HasSubstr("31 bytes is shorter"));
    EXPECT_THAT(error_of(keyset_json({jwk(47, "HS384")})), HasSubstr("47 bytes is shorter"));
    EXPECT_THAT(error_of(keyset_json({jwk(63, "HS512")})), HasSubstr("63 bytes is shorter"));
    EXPECT_THAT(error_of(keyset_json({jwk(64, "RS256")})), HasSubstr("\"RS256\""));

    EXPECT_TRUE(keyset_of_secret(std::string(32, 's'), Algorithm::hs256, ""));
    EXPECT_TRUE(keyset_of_secret(std::string(300, 's'), Algorithm::hs512, ""));
    for (const auto& [size, algorithm] :
         {std::pair{31, Algorithm::hs256}, {47, Algorithm::hs384}, {63, Algorithm::hs512}}) {
        const auto keyset = keyset_of_secret(std::string(size, 's'), algorithm, "");
        ASSERT_FALSE(keyset);
        EXPECT_THAT(keyset.error().message, HasSubstr("needs " + std::to_string(size + 1)));
    }
    EXPECT_FALSE(keyset_of_secret("", Algorithm::hs256, ""));
    EXPECT_THAT(keyset_of_secret(std::string(64, 's'), Algorithm::rs256, "").error().message,
                HasSubstr("RS256 takes no secret"));
}

TEST(Keyset, ASecretMayHaveAKid)
{
    const auto keyset = keyset_of_secret(std::string(32, 's'), Algorithm::hs256, "mine");
    ASSERT_TRUE(keyset);
    EXPECT_NE(keyset->find("mine"), nullptr);
}

TEST(Keyset, TheLineEndOfASecretFileIsNoSecret)
{
    EXPECT_EQ(secret_in_file("secret\n"), "secret");
    EXPECT_EQ(secret_in_file("secret\r\n"), "secret");
    EXPECT_EQ(secret_in_file("secret"), "secret");
    EXPECT_EQ(secret_in_file("two words\n"), "two words");
    EXPECT_EQ(secret_in_file("secret\n\n"), "secret\n\n");
    EXPECT_EQ(secret_in_file("\xFFsecret\n"), "\xFFsecret\n");
    EXPECT_EQ(secret_in_file(std::string_view("a\0\n", 3)), std::string_view("a\0\n", 3));
    EXPECT_EQ(secret_in_file(""), "");
}

TEST(Keyset, NothingIsLeftInOpensslsQueue)
{
    ERR_clear_error();
    warnings_of(R"({"kty":"EC","crv":"P-256","x":")" + encoded(std::string(32, 'x')) +
                R"(","y":")" + encoded(std::string(32, 'y')) + "\"}");
    warnings_of(R"({"kty":"OKP","crv":"Ed25519","x":"AA"})");
    EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace gatehouse::auth
