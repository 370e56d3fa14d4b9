#include "src/auth/sha256.h"

#include "src/base/constant_time.h"

namespace gatehouse::auth {

bool equal_digests(const Digest& a, const Digest& b) noexcept
{
    const auto text = [](const Digest& digest) {
        return std::string_view{reinterpret_cast<const char*>(digest.data()), digest.size()};
    };
    return equal_in_constant_time(text(a), text(b));
}

Result<Sha256> Sha256::create()
{
    Sha256 made;
    made.algorithm_.reset(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    made.context_.reset(EVP_MD_CTX_new());
    if (!made.algorithm_ || !made.context_ ||
        EVP_DigestInit_ex2(made.context_.get(), made.algorithm_.get(), nullptr) != 1) {
        return Error{"OpenSSL has no SHA-256"};
    }
    return made;
}

std::optional<Digest> Sha256::operator()(std::string_view bytes) noexcept
{
    Digest digest;
    auto* context = context_.get();
    if (EVP_DigestInit_ex2(context, algorithm_.get(), nullptr) != 1 ||
        EVP_DigestUpdate(context, bytes.data(), bytes.size()) != 1 ||
        EVP_DigestFinal_ex(context, digest.data(), nullptr) != 1) {
        return std::nullopt;
    }
    return digest;
}

}  // namespace gatehouse::auth
