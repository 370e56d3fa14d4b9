// Signatures: every algorithm with its own key, and no other way round.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "src/auth/test_gate.h"
#include "src/auth/test_issuer.h"

namespace gatehouse::auth {
namespace {

using test::encoded;
using test::Gate;
using test::Issuer;
using test::keyset_json;

constexpr std::string_view good = R"({"exp":1800000100})";

const std::vector<Issuer>& issuers()
{
    static const auto all = [] {
        std::vector<Issuer> issuers;
        for (std::size_t i = 0; i < algorithm_count; ++i) {
            issuers.emplace_back(static_cast<Algorithm>(i));
        }
        issuers.emplace_back(Algorithm::eddsa, "", "ED448");
        return issuers;
    }();
    return all;
}

std::string with_signature(const std::string& token, const std::string& signature)
{
    return token.substr(0, token.rfind('.') + 1) + encoded(signature);
}

std::string signature_of(const std::string& token)
{
    return *base64url_decode(token.substr(token.rfind('.') + 1));
}

TEST(JwtAlgorithms, EachWithItsOwnKeyAndNoOther)
{
    for (const auto& key : issuers()) {
        Gate gate{{keyset_json({key.jwk_with_algorithm()})}};
        for (const auto& issuer : issuers()) {
            const auto token = issuer.token(good);
            if (&issuer == &key) {
                EXPECT_EQ(gate.answer(token), "ok") << name_of(key.algorithm());
                EXPECT_EQ(gate.answer(token), "ok") << name_of(key.algorithm()) << ", again";
                continue;
            }
            // As it is, and with a header that says the key's algorithm.
            EXPECT_NE(gate.answer(token), "ok") << name_of(issuer.algorithm());
            const auto dressed = issuer.token(key.header(), good);
            if (issuer.secret().empty() || issuer.algorithm() != key.algorithm()) {
                EXPECT_EQ(gate.answer(dressed), "signature") << name_of(issuer.algorithm());
            }
        }
    }
}

TEST(JwtAlgorithms, APublicKeyIsNoSecret)
{
    // Signed by HMAC with texts that stand for the public key.
    for (const auto& key : issuers()) {
        if (!key.secret().empty()) {
            continue;
        }
        Gate gate{{keyset_json({key.jwk()})}};
        for (const auto& secret : {key.jwk(), keyset_json({key.jwk()}), key.pem()}) {
            const auto forged = Issuer::of_secret(Algorithm::hs256, secret).token(good);
            EXPECT_EQ(gate.answer(forged), "algorithm") << name_of(key.algorithm());
            gate.policy().algorithms = AlgorithmSet{Algorithm::hs256, key.algorithm()};
            EXPECT_EQ(gate.answer(forged), "algorithm") << name_of(key.algorithm());
            EXPECT_EQ(gate.answer(key.token(good)), "ok") << name_of(key.algorithm());
        }
    }
}

TEST(JwtAlgorithms, RsaKeysThatNameNoneHaveTheUsualOne)
{
    const Issuer rs256{Algorithm::rs256};
    Gate gate{{keyset_json({rs256.jwk()})}};
    EXPECT_EQ(gate.answer(rs256.token(good)), "ok");
    for (const char* other : {"RS384", "RS512", "PS256", "PS384", "PS512"}) {
        const auto header = R"({"alg":")" + std::string{other} + "\"}";
        EXPECT_EQ(gate.answer(rs256.token(header, good)), "algorithm") << other;
    }
    // Unless the policy lists others.
    const Issuer ps384{Algorithm::ps384};
    Gate wide{{keyset_json({ps384.jwk()})}, {.algorithms = rsa_algorithms}};
    EXPECT_EQ(wide.answer(ps384.token(good)), "ok");
    EXPECT_EQ(wide.answer(ps384.token(R"({"alg":"PS256"})", good)), "signature");
    wide.policy().algorithms = AlgorithmSet{Algorithm::rs256};
    EXPECT_EQ(wide.answer(ps384.token(good)), "algorithm");
    // A key that names one has that one, whatever the policy lists.
    Gate named{{keyset_json({rs256.jwk_with_algorithm()})}, {.algorithms = rsa_algorithms}};
    EXPECT_EQ(named.answer(rs256.token(good)), "ok");
    EXPECT_EQ(named.answer(ps384.token(good)), "algorithm");
}

TEST(JwtAlgorithms, SecretsThatNameNoneFitTheirLength)
{
    Gate gate{{R"({"keys":[{"kty":"oct","k":")" + encoded(std::string(64, 's')) + R"("}]})"}};
    const Issuer hs256{Algorithm::hs256};
    const Issuer hs512{Algorithm::hs512};
    EXPECT_EQ(gate.answer(hs256.token(good)), "ok");
    EXPECT_EQ(gate.answer(hs512.token(good)), "algorithm");
    gate.policy().algorithms = hmac_algorithms;
    EXPECT_EQ(gate.answer(hs512.token(good)), "ok");
    Gate shorter{{R"({"keys":[{"kty":"oct","k":")" + encoded(std::string(47, 's')) + R"("}]})"},
                 {.algorithms = hmac_algorithms}};
    EXPECT_EQ(shorter.answer(Issuer{Algorithm::hs384}.token(good)), "algorithm");
}

TEST(JwtAlgorithms, SignaturesOfEveryWrongLength)
{
    for (const auto& issuer : issuers()) {
        Gate gate{{keyset_json({issuer.jwk_with_algorithm()})}};
        const auto token = issuer.token(good);
        const auto signature = signature_of(token);
        for (std::size_t size = 1; size < signature.size() + 3; ++size) {
            auto other = signature;
            other.resize(size);
            EXPECT_EQ(gate.answer(with_signature(token, other)),
                      size == signature.size() ? "ok" : "signature")
                << name_of(issuer.algorithm()) << ", " << size;
        }
        EXPECT_EQ(gate.answer(with_signature(token, '\0' + signature)), "signature");
        EXPECT_EQ(gate.answer(with_signature(token, std::string(1024, 's'))), "signature");
        EXPECT_EQ(gate.answer(with_signature(token, std::string(1025, 's'))), "signature");
        EXPECT_EQ(gate.answer(with_signature(token, std::string(16'384, 's'))), "too_large");
    }
}

/// The orders of P-256, P-384 and P-521 (FIPS 186-4 §D.1.2).
std::string order_of(Algorithm algorithm)
{
    static const std::map<Algorithm, const char*> orders{
        {Algorithm::es256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
        {Algorithm::es384,
         "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
         "581a0db248b0a77aecec196accc52973"},
        {Algorithm::es512,
         "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
         "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"},
    };
    const std::string_view hex = orders.at(algorithm);
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    }
    return bytes;
}

/// (a - b) mod 2^n, big-endian, of equal length.
std::string difference(const std::string& a, const std::string& b)
{
    std::string result(a.size(), '\0');
    int borrow = 0;
    for (std::size_t i = a.size(); i-- > 0;) {
        const int digit =
            static_cast<unsigned char>(a[i]) - static_cast<unsigned char>(b[i]) - borrow;
        borrow = digit < 0 ? 1 : 0;
        result[i] = static_cast<char>(digit);
    }
    return result;
}

std::string der_integer(std::string number)
{
    number.erase(0, std::min(number.find_first_not_of('\0'), number.size() - 1));
    if ((number.front() & 0x80) != 0) {
        number.insert(0, 1, '\0');
    }
    return std::string{'\x02', static_cast<char>(number.size())} + number;
}

TEST(JwtAlgorithms, EcdsaNumbersOutOfRange)
{
    for (const auto algorithm : {Algorithm::es256, Algorithm::es384, Algorithm::es512}) {
        const Issuer issuer{algorithm};
        Gate gate{{keyset_json({issuer.jwk()})}};
        const auto token = issuer.token(good);
        const auto signature = signature_of(token);
        const auto half = signature.size() / 2;
        const auto r = signature.substr(0, half);
        const auto s = signature.substr(half);
        const std::string zero(half, '\0');
        const std::string ones(half, '\xFF');
        const auto n = order_of(algorithm);
        ASSERT_EQ(n.size(), half);
        for (const auto& other : {zero + s, r + zero, zero + zero, n + s, r + n, n + n, ones + s,
                                  r + ones, ones + ones, s + r}) {
            EXPECT_EQ(gate.answer(with_signature(token, other)), "signature");
        }
        const auto body = der_integer(r) + der_integer(s);
        for (const auto& der : {'\x30' + std::string(1, static_cast<char>(body.size())) + body,
                                std::string{"\x30\x81"} + static_cast<char>(body.size()) + body}) {
            EXPECT_EQ(gate.answer(with_signature(token, der)), "signature");
        }
        // n - s is as good as s: ECDSA is so made (SEC 1 §4.1), and no token is known by its bytes.
        EXPECT_EQ(gate.answer(with_signature(token, r + difference(n, s))), "ok");
        EXPECT_EQ(gate.answer(token), "ok");
    }
}

TEST(JwtAlgorithms, EddsaScalarsOutOfRange)
{
    const Issuer issuer{Algorithm::eddsa};
    Gate gate{{keyset_json({issuer.jwk()})}};
    const auto token = issuer.token(good);
    const auto signature = signature_of(token);
    // S + L, with L = 2^252 + 27742317777372353535851937790883648493 (RFC 8032 §5.1), is the same
    // scalar, which RFC 8032 §5.1.7 refuses.
    constexpr std::string_view order{
        "\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10",
        32};
    auto larger = signature;
    int carry = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const int digit = static_cast<unsigned char>(larger[32 + i]) +
                          static_cast<unsigned char>(order[i]) + carry;
        larger[32 + i] = static_cast<char>(digit);
        carry = digit >> 8;
    }
    EXPECT_EQ(gate.answer(with_signature(token, larger)), "signature");
    EXPECT_EQ(gate.answer(with_signature(token, signature.substr(32) + signature.substr(0, 32))),
              "signature");
    EXPECT_EQ(gate.answer(with_signature(token, std::string(64, '\0'))), "signature");
    EXPECT_EQ(gate.answer(with_signature(token, std::string(64, '\xFF'))), "signature");
    EXPECT_EQ(gate.answer(token), "ok");

    const Issuer longer{Algorithm::eddsa, "", "ED448"};
    EXPECT_EQ(gate.answer(longer.token(good)), "signature");
    Gate other{{keyset_json({longer.jwk()})}};
    EXPECT_EQ(other.answer(longer.token(good)), "ok");
    EXPECT_EQ(other.answer(token), "signature");
}

TEST(JwtAlgorithms, Ed448AsInRfc8032)
{
    // RFC 8032 §7.4, "1 octet".
    const auto bytes = [](std::string_view hex) {
        std::string out;
        for (std::size_t i = 0; i < hex.size(); i += 2) {
            out += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
        }
        return out;
    };
    const auto keyset = test::keyset_from(
        R"({"keys":[{"kty":"OKP","crv":"Ed448","x":")" +
        encoded(bytes("43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c086"
                      "6aea01eb00742802b8438ea4cb82169c235160627b4c3a9480")) +
        R"("}]})");
    const auto signature = bytes(
        "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f435"
        "2541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cb"
        "cee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0f"
        "f3348ab21aa4adafd1d234441cf807c03a00");
    auto* check = keyset.keys().front().check(Algorithm::eddsa);
    ASSERT_NE(check, nullptr);
    EXPECT_TRUE(check->verify("\x03", signature));
    EXPECT_FALSE(check->verify("\x04", signature));
}

TEST(JwtAlgorithms, FailuresLeaveNothingInOpensslsQueue)
{
    ERR_clear_error();
    for (const auto& issuer : issuers()) {
        Gate gate{{keyset_json({issuer.jwk_with_algorithm()})}};
        const auto token = issuer.token(good);
        auto signature = signature_of(token);
        EXPECT_EQ(gate.answer(with_signature(token, std::string(signature.size(), '\xFF'))),
                  "signature");
        EXPECT_EQ(gate.answer(with_signature(token, std::string(signature.size(), '\0'))),
                  "signature");
        EXPECT_EQ(ERR_peek_error(), 0U) << name_of(issuer.algorithm());
    }
}

}  // namespace
}  // namespace gatehouse::auth
