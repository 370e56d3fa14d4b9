#include "src/base/siphash.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <string>

namespace gatehouse {
namespace {

/// OpenSSL's SipHash-1-3 with a result of 16 or 8 bytes.
std::array<unsigned char, 16> openssl_digest(const SipKey& key, const std::string& bytes,
                                             std::size_t size)
{
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
    unsigned compress = 1;
    unsigned finalize = 3;
    const std::array parameters{
        OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
        OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &compress),
        OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &finalize),
        OSSL_PARAM_construct_end(),
    };
    std::array<unsigned char, 16> key_bytes{};
    std::memcpy(key_bytes.data(), &key.k0, 8);
    std::memcpy(key_bytes.data() + 8, &key.k1, 8);
    EXPECT_EQ(EVP_MAC_init(context, key_bytes.data(), 16, parameters.data()), 1);
    EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    std::array<unsigned char, 16> digest{};
    EXPECT_EQ(EVP_MAC_final(context, digest.data(), &size, digest.size()), 1);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return digest;
}

Hash128 openssl_siphash13(const SipKey& key, const std::string& bytes)
{
    const auto digest = openssl_digest(key, bytes, 16);
    Hash128 hash;
    std::memcpy(&hash.low, digest.data(), 8);
    std::memcpy(&hash.high, digest.data() + 8, 8);
    return hash;
}

std::uint64_t openssl_siphash13_64(const SipKey& key, const std::string& bytes)
{
    const auto digest = openssl_digest(key, bytes, 8);
    std::uint64_t hash = 0;
    std::memcpy(&hash, digest.data(), 8);
    return hash;
}

TEST(SipHash, EqualsOpenSslForEveryLengthOfTheLastWord)
{
    const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
    std::string bytes;
    for (int i = 0; i < 70; ++i) {
        EXPECT_EQ(siphash13(key, bytes), openssl_siphash13(key, bytes)) << i;
        EXPECT_EQ(siphash13_64(key, bytes), openssl_siphash13_64(key, bytes)) << i;
        bytes.push_back(static_cast<char>(i));
    }
}

TEST(SipHash, EqualsOpenSslForOtherKeys)
{
    SipKey key{1, 2};
    for (int i = 0; i < 100; ++i) {
        const std::string bytes(static_cast<std::size_t>(i * 13), static_cast<char>(i));
        EXPECT_EQ(siphash13(key, bytes), openssl_siphash13(key, bytes)) << i;
        EXPECT_EQ(siphash13_64(key, bytes), openssl_siphash13_64(key, bytes)) << i;
        key = {key.k1 * 0x9e3779b97f4a7c15, key.k0 + 1};
    }
}

}  // namespace
}  // namespace gatehouse
