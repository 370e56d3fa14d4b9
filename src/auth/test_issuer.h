// For tests and measurements: somebody who signs tokens, with any algorithm, and whatever is asked.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/auth/algorithm.h"
#include "src/auth/base64url.h"
#include "src/auth/evp.h"

namespace gatehouse::auth::test {

inline std::string encoded(std::string_view bytes)
{
    std::string text;
    append_base64url(text, bytes);
    return text;
}

inline std::string joined(const std::vector<std::string>& texts)
{
    std::string all;
    for (const auto& text : texts) {
        all += (all.empty() ? "" : ",") + text;
    }
    return all;
}

inline std::string keyset_json(const std::vector<std::string>& jwks)
{
    return R"({"keys":[)" + joined(jwks) + "]}";
}

/// A key pair, or a secret, and the one algorithm it signs with.
class Issuer {
public:
    /// `type` is OpenSSL's: what the algorithm needs, unless said otherwise.
    explicit Issuer(Algorithm algorithm, std::string kid = "", std::string type = "")
        : algorithm_(algorithm), kid_(std::move(kid)), type_(std::move(type))
    {
        if (hmac_algorithms.contains(algorithm)) {
            secret_ = std::string(64, 's');
        } else if (rsa_algorithms.contains(algorithm)) {
            key_ = rsa_key();
        } else if (algorithm == Algorithm::eddsa) {
            type_ = type_.empty() ? "ED25519" : type_;
            key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, type_.c_str()));
        } else {
            key_.reset(EVP_EC_gen(curve()));
        }
    }

    static Issuer of_secret(Algorithm algorithm, std::string secret)
    {
        Issuer issuer{algorithm};
        issuer.secret_ = std::move(secret);
        return issuer;
    }

    /// The public key.
    std::string pem() const
    {
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(out, key_.get());
        char* text = nullptr;
        const auto size = BIO_get_mem_data(out, &text);
        std::string pem(text, static_cast<std::size_t>(size));
        BIO_free(out);
        return pem;
    }

    Algorithm algorithm() const { return algorithm_; }
    const std::string& secret() const { return secret_; }
    EVP_PKEY* key() const { return key_.get(); }

    std::string header() const
    {
        return R"({"alg":")" + std::string{name_of(algorithm_)} + R"(","typ":"JWT")" +
               (kid_.empty() ? "" : R"(,"kid":")" + kid_ + '"') + '}';
    }

    std::string token(std::string_view claims) const { return token(header(), claims); }

    /// Signed with the own algorithm, whatever the header says.
    std::string token(std::string_view header, std::string_view claims) const
    {
        const auto input = encoded(header) + '.' + encoded(claims);
        return input + '.' + encoded(signature(input));
    }

    std::string signature(std::string_view input) const
    {
        if (!secret_.empty()) {
            std::array<char, EVP_MAX_MD_SIZE> mac;
            unsigned size = 0;
            HMAC(EVP_get_digestbyname(digest()), secret_.data(), static_cast<int>(secret_.size()),
                 bytes_of(input), input.size(), reinterpret_cast<unsigned char*>(mac.data()),
                 &size);
            return {mac.data(), size};
        }
        const auto signed_by_key = evp_signature(input);
        return EVP_PKEY_is_a(key_.get(), "EC") == 1 ? raw(signed_by_key) : signed_by_key;
    }

    /// The public key, or the secret. `members` go before the others, such as `"use":"sig",`.
    std::string jwk(const std::string& members = "") const
    {
        return '{' + members + (kid_.empty() ? "" : R"("kid":")" + kid_ + R"(",)") + numbers() +
               '}';
    }

    std::string jwk_with_algorithm() const
    {
        return jwk(R"("alg":")" + std::string{name_of(algorithm_)} + R"(",)");
    }

private:
    static const unsigned char* bytes_of(std::string_view text)
    {
        return reinterpret_cast<const unsigned char*>(text.data());
    }

    /// One for all: making one takes a while.
    static Pkey rsa_key()
    {
        static const Pkey key{EVP_RSA_gen(2048)};
        EVP_PKEY_up_ref(key.get());
        return Pkey{key.get()};
    }

    /// 256, 384 or 512, as the name says.
    int size() const
    {
        const auto name = name_of(algorithm_);
        return name.ends_with("256") ? 256 : name.ends_with("384") ? 384 : 512;
    }

    const char* digest() const
    {
        return algorithm_ == Algorithm::eddsa ? nullptr
               : size() == 256                ? "SHA256"
               : size() == 384                ? "SHA384"
                                              : "SHA512";
    }

    const char* curve() const
    {
        return size() == 256 ? "P-256" : size() == 384 ? "P-384" : "P-521";
    }

    std::size_t coordinate_bytes() const { return size() == 256 ? 32 : size() == 384 ? 48 : 66; }

    std::string evp_signature(std::string_view input) const
    {
        const DigestContext context{EVP_MD_CTX_new()};
        EVP_PKEY_CTX* parameters = nullptr;
        EVP_DigestSignInit_ex(context.get(), &parameters, digest(), nullptr, nullptr, key_.get(),
                              nullptr);
        if (name_of(algorithm_).starts_with("PS")) {
            EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
        }
        std::string signature(1024, '\0');
        std::size_t size = signature.size();
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes_of(input), input.size());
        signature.resize(size);
        return signature;
    }

    std::string raw(const std::string& der) const
    {
        const auto* in = bytes_of(der);
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()));
        const auto r = padded(ECDSA_SIG_get0_r(pair));
        const auto s = padded(ECDSA_SIG_get0_s(pair));
        ECDSA_SIG_free(pair);
        return r + s;
    }

    std::string padded(const BIGNUM* number) const
    {
        std::string bytes(coordinate_bytes(), '\0');
        BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                     static_cast<int>(bytes.size()));
        return bytes;
    }

    std::string parameter(const char* name) const
    {
        BIGNUM* number = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), name, &number);
        const bool coordinate = EVP_PKEY_is_a(key_.get(), "EC") == 1;
        std::string bytes = coordinate
                                ? padded(number)
                                : std::string(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
        if (!coordinate) {
            BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
        }
        BN_free(number);
        return encoded(bytes);
    }

    std::string point() const
    {
        std::string bytes(64, '\0');
        std::size_t size = bytes.size();
        EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                    &size);
        return encoded({bytes.data(), size});
    }

    std::string numbers() const
    {
        if (!secret_.empty()) {
            return R"("kty":"oct","k":")" + encoded(secret_) + '"';
        }
        if (rsa_algorithms.contains(algorithm_)) {
            return R"("kty":"RSA","n":")" + parameter(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
                   parameter(OSSL_PKEY_PARAM_RSA_E) + '"';
        }
        if (algorithm_ == Algorithm::eddsa) {
            return R"("kty":"OKP","crv":")" + std::string{type_ == "ED448" ? "Ed448" : "Ed25519"} +
                   R"(","x":")" + point() + '"';
        }
        return R"("kty":"EC","crv":")" + std::string{curve()} + R"(","x":")" +
               parameter(OSSL_PKEY_PARAM_EC_PUB_X) + R"(","y":")" +
               parameter(OSSL_PKEY_PARAM_EC_PUB_Y) + '"';
    }

    Algorithm algorithm_;
    std::string kid_;
    std::string type_;
    std::string secret_;
    Pkey key_;
};

}  // namespace gatehouse::auth::test
