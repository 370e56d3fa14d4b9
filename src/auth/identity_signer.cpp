#include "src/auth/identity_signer.h"

#include "src/auth/base64url.h"

namespace gatehouse::auth {

namespace {

constexpr std::size_t public_bytes = 32;
constexpr std::size_t signature_bytes = 64;

const unsigned char* bytes_of(std::string_view text) noexcept
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string encoded(std::string_view bytes)
{
    std::string text;
    append_base64url(text, bytes);
    return text;
}

/// RFC 7638: the required members in order, without blanks (RFC 8037 §2).
std::string required_members(std::string_view x)
{
    return R"({"crv":"Ed25519","kty":"OKP","x":")" + std::string{x} + R"("})";
}

/// Empty when OpenSSL fails.
std::string sha256(std::string_view text)
{
    std::array<char, EVP_MAX_MD_SIZE> hash;
    std::size_t size = 0;
    if (EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(),
                     reinterpret_cast<unsigned char*>(hash.data()), &size) != 1) {
        return {};
    }
    return {hash.data(), size};
}

}  // namespace

Result<IdentitySigner> IdentitySigner::from_seed(std::string_view seed)
{
    if (seed.size() != seed_bytes) {
        return Error{"an Ed25519 key has 32 bytes, not " + std::to_string(seed.size())};
    }
    const ErrorMark mark;
    const Pkey key{
        EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, bytes_of(seed), seed.size())};
    std::array<char, public_bytes> point;
    std::size_t size = point.size();
    IdentitySigner signer;
    signer.prepared_.reset(EVP_MD_CTX_new());
    signer.context_.reset(EVP_MD_CTX_new());
    if (!key || !signer.prepared_ || !signer.context_ ||
        EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(point.data()),
                                    &size) != 1 ||
        EVP_DigestSignInit_ex(signer.prepared_.get(), nullptr, nullptr, nullptr, nullptr, key.get(),
                              nullptr) != 1) {
        return Error{"OpenSSL has no Ed25519"};
    }
    const std::string x = encoded({point.data(), size});
    signer.kid_ = encoded(sha256(required_members(x)));
    signer.public_jwk_ = R"({"kty":"OKP","crv":"Ed25519","x":")" + x +
                         R"(","use":"sig","alg":"EdDSA","kid":")" + signer.kid_ + R"("})";
    signer.header_ = encoded(R"({"alg":"EdDSA","typ":"JWT","kid":")" + signer.kid_ + R"("})") + '.';
    return signer;
}

bool IdentitySigner::append_token(std::string& out, std::string_view claims_json)
{
    const ErrorMark mark;
    const auto begin = out.size();
    out += header_;
    append_base64url(out, claims_json);

    std::array<char, signature_bytes> signature;
    std::size_t size = signature.size();
    // Later versions of OpenSSL let a context sign once.
    if (EVP_MD_CTX_copy_ex(context_.get(), prepared_.get()) != 1 ||
        EVP_DigestSign(context_.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes_of(out) + begin, out.size() - begin) != 1) {
        out.resize(begin);
        return false;
    }
    out += '.';
    append_base64url(out, {signature.data(), size});
    return true;
}

}  // namespace gatehouse::auth
