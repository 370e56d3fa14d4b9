// The examples of RFC 7515 appendix A, RFC 7520 §4 and RFC 8037 appendix A.4, both those that pass
// and those that must not.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "src/auth/jwt.h"
#include "src/auth/test_jose_vectors.h"

namespace gatehouse::auth {
namespace {

constexpr std::int64_t before_2011 = 1'300'819'379;  // one second before the examples' exp

Keyset keyset_of(std::string_view json)
{
    auto parsed = parse_keyset(json, KeysetOrigin::file);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
    EXPECT_TRUE(parsed->warnings.empty());
    return std::move(parsed->keyset);
}

Rejection verify(std::string_view token, std::string_view keyset, std::int64_t now_s = before_2011)
{
    const auto keys = keyset_of(keyset);
    const std::array<const Keyset*, 1> keysets{&keys};
    const auto verifier = std::make_unique<JwtVerifier>();
    return verifier->verify(token, keysets, {.leeway_s = 0}, now_s).rejection;
}

struct Parts {
    std::string signed_text;
    std::string signature;
};

Parts parts_of(std::string_view token)
{
    const auto dot = token.rfind('.');
    return {std::string{token.substr(0, dot)}, *base64url_decode(token.substr(dot + 1))};
}

TEST(JoseVectors, EverySignatureIsRight)
{
    for (const auto& vector : jose_vectors) {
        const auto keyset = keyset_of(vector.keyset);
        auto* check = keyset.keys().front().check(vector.algorithm);
        ASSERT_NE(check, nullptr) << vector.name;
        const auto [signed_text, signature] = parts_of(vector.token);
        EXPECT_TRUE(check->verify(signed_text, signature)) << vector.name;
        EXPECT_TRUE(check->verify(signed_text, signature)) << vector.name << ", once more";
    }
}

TEST(JoseVectors, NoOtherSignatureIs)
{
    for (const auto& vector : jose_vectors) {
        const auto keyset = keyset_of(vector.keyset);
        auto* check = keyset.keys().front().check(vector.algorithm);
        const auto [signed_text, signature] = parts_of(vector.token);
        for (std::size_t bit = 0; bit < 8 * signature.size(); bit += 7) {
            auto other = signature;
            other[bit / 8] = static_cast<char>(other[bit / 8] ^ 1 << bit % 8);
            EXPECT_FALSE(check->verify(signed_text, other)) << vector.name << ", bit " << bit;
        }
        EXPECT_FALSE(check->verify(signed_text + "A", signature)) << vector.name;
        EXPECT_FALSE(check->verify(signed_text, signature + '\0')) << vector.name;
        EXPECT_FALSE(check->verify(signed_text, '\0' + signature)) << vector.name;
        EXPECT_FALSE(check->verify(signed_text, signature.substr(1))) << vector.name;
        EXPECT_FALSE(check->verify(signed_text, "")) << vector.name;
        EXPECT_TRUE(check->verify(signed_text, signature)) << vector.name << ", after all these";
    }
}

TEST(JoseVectors, OnlyAnExampleWithClaimsIsAToken)
{
    for (const auto& vector : jose_vectors) {
        const bool has_claims = vector.token.find(".eyJpc3MiOiJqb2Ui") != std::string_view::npos;
        EXPECT_EQ(verify(vector.token, vector.keyset),
                  has_claims ? Rejection::none : Rejection::malformed)
            << vector.name;
        EXPECT_EQ(verify(vector.token, vector.keyset, before_2011 + 1),
                  has_claims ? Rejection::expired : Rejection::malformed)
            << vector.name;
    }
}

TEST(JoseVectors, UnsecuredIsRefused)
{
    // RFC 7515 A.5 and appendix E, RFC 7519 §6.1.
    for (const char* token :
         {"eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
          "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
          "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
          "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
          "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0"
          "dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA."}) {
        EXPECT_EQ(verify(token, jose_vectors[0].keyset), Rejection::malformed) << token;
    }
    // With a signature, for the header's own sake.
    EXPECT_EQ(verify("eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ.AA", jose_vectors[0].keyset),
              Rejection::algorithm);
    EXPECT_EQ(verify("eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0s"
                     "DQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.AA",
                     jose_vectors[0].keyset),
              Rejection::algorithm);
}

TEST(JoseVectors, OtherSerializationsAreRefused)
{
    const auto& vector = jose_vectors[0];
    const std::string token{vector.token};
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    const auto header = token.substr(0, first);
    const auto payload = token.substr(first + 1, second - first - 1);
    const auto signature = token.substr(second + 1);
    // RFC 7515 A.6 and A.7, RFC 7520 §4.6 to §4.8.
    EXPECT_EQ(verify(R"({"payload":")" + payload + R"(","protected":")" + header +
                         R"(","signature":")" + signature + R"("})",
                     vector.keyset),
              Rejection::malformed);
    EXPECT_EQ(verify(R"({"payload":")" + payload + R"(","signatures":[{"protected":")" + header +
                         R"(","signature":")" + signature + R"("}]})",
                     vector.keyset),
              Rejection::malformed);
    // Detached content: RFC 7515 appendix F, RFC 7520 §4.5.
    EXPECT_EQ(verify(header + ".." + signature, vector.keyset), Rejection::malformed);
    // Content as it is: RFC 7797 §4.2 and the example with b64 and crit in a compact form.
    EXPECT_EQ(
        verify("eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1"
               "Z_vh161FwXZC4YLPff6dmDY",
               vector.keyset),
        Rejection::malformed);
    EXPECT_EQ(verify("eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19.This is the payload "
                     "string!.ciks0B6Hs-amhOqxI5_iG6mPKnMDlWCb7J2Wu7mtIcg",
                     vector.keyset),
              Rejection::header_parameter);
}

}  // namespace
}  // namespace gatehouse::auth
