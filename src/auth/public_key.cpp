#include "src/auth/public_key.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <array>

#include "src/auth/ecdsa_signature.h"

namespace gatehouse::auth {

namespace {

const unsigned char* bytes_of(std::string_view text) noexcept
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

const char* digest_name(Algorithm algorithm) noexcept
{
    switch (algorithm) {
    case Algorithm::rs384:
    case Algorithm::ps384:
    case Algorithm::es384: return "SHA384";
    case Algorithm::rs512:
    case Algorithm::ps512:
    case Algorithm::es512: return "SHA512";
    default: return "SHA256";
    }
}

bool is_pss(Algorithm algorithm) noexcept
{
    return algorithm == Algorithm::ps256 || algorithm == Algorithm::ps384 ||
           algorithm == Algorithm::ps512;
}

/// The hash of the input and a context for the signature of hashes, both kept.
class HashedCheck : public SignatureCheck {
public:
    bool begin(Algorithm algorithm, EVP_PKEY* key) noexcept
    {
        const DigestAlgorithm digest{EVP_MD_fetch(nullptr, digest_name(algorithm), nullptr)};
        context_.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
        return digest && hash_ && context_ &&
               EVP_DigestInit_ex2(hash_.get(), digest.get(), nullptr) == 1 &&
               EVP_PKEY_verify_init(context_.get()) == 1 &&
               EVP_PKEY_CTX_set_signature_md(context_.get(), digest.get()) == 1;
    }

protected:
    EVP_PKEY_CTX* context() noexcept { return context_.get(); }

    bool verify_hashed(std::string_view input, const unsigned char* signature,
                       std::size_t size) noexcept
    {
        const ErrorMark mark;
        std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
        unsigned hash_size = 0;
        return EVP_DigestInit_ex2(hash_.get(), nullptr, nullptr) == 1 &&
               EVP_DigestUpdate(hash_.get(), input.data(), input.size()) == 1 &&
               EVP_DigestFinal_ex(hash_.get(), hash.data(), &hash_size) == 1 &&
               EVP_PKEY_verify(context_.get(), signature, size, hash.data(), hash_size) == 1;
    }

private:
    DigestContext hash_{EVP_MD_CTX_new()};
    PkeyContext context_;
};

class RsaCheck final : public HashedCheck {
public:
    bool begin(Algorithm algorithm, EVP_PKEY* key) noexcept
    {
        size_ = static_cast<std::size_t>(EVP_PKEY_get_size(key));
        if (!HashedCheck::begin(algorithm, key)) {
            return false;
        }
        if (!is_pss(algorithm)) {
            return EVP_PKEY_CTX_set_rsa_padding(context(), RSA_PKCS1_PADDING) == 1;
        }
        // The mask's hash is the signature's unless another is set, as RFC 7518 §3.5 wants it.
        return EVP_PKEY_CTX_set_rsa_padding(context(), RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context(), RSA_PSS_SALTLEN_DIGEST) == 1;
    }

    bool verify(std::string_view input, std::string_view signature) noexcept override
    {
        return signature.size() == size_ &&
               verify_hashed(input, bytes_of(signature), signature.size());
    }

private:
    std::size_t size_ = 0;
};

class EcdsaCheck final : public HashedCheck {
public:
    bool begin(Algorithm algorithm, EVP_PKEY* key) noexcept
    {
        size_ = 2 * ((static_cast<std::size_t>(EVP_PKEY_get_bits(key)) + 7) / 8);
        return HashedCheck::begin(algorithm, key);
    }

    bool verify(std::string_view input, std::string_view signature) noexcept override
    {
        if (signature.size() != size_) {
            return false;
        }
        const DerSignature der = der_signature(signature);
        return verify_hashed(input, der.bytes.data(), der.size);
    }

private:
    std::size_t size_ = 0;
};

class EddsaCheck final : public SignatureCheck {
public:
    bool begin(EVP_PKEY* key) noexcept
    {
        size_ = static_cast<std::size_t>(EVP_PKEY_get_size(key));
        return prepared_ && running_ &&
               EVP_DigestVerifyInit_ex(prepared_.get(), nullptr, nullptr, nullptr, nullptr, key,
                                       nullptr) == 1;
    }

    bool verify(std::string_view input, std::string_view signature) noexcept override
    {
        if (signature.size() != size_) {
            return false;
        }
        const ErrorMark mark;
        // Later versions of OpenSSL let a context verify once.
        return EVP_MD_CTX_copy_ex(running_.get(), prepared_.get()) == 1 &&
               EVP_DigestVerify(running_.get(), bytes_of(signature), signature.size(),
                                bytes_of(input), input.size()) == 1;
    }

private:
    std::size_t size_ = 0;
    DigestContext prepared_{EVP_MD_CTX_new()};
    DigestContext running_{EVP_MD_CTX_new()};
};

template <class Check, class... Arguments>
std::unique_ptr<SignatureCheck> begun(Arguments... arguments)
{
    const ErrorMark mark;
    auto check = std::make_unique<Check>();
    if (!check->begin(arguments...)) {
        return nullptr;
    }
    return check;
}

}  // namespace

std::unique_ptr<SignatureCheck> rsa_check(Algorithm algorithm, EVP_PKEY* key)
{
    return begun<RsaCheck>(algorithm, key);
}

std::unique_ptr<SignatureCheck> ecdsa_check(Algorithm algorithm, EVP_PKEY* key)
{
    return begun<EcdsaCheck>(algorithm, key);
}

std::unique_ptr<SignatureCheck> eddsa_check(EVP_PKEY* key)
{
    return begun<EddsaCheck>(key);
}

}  // namespace gatehouse::auth
