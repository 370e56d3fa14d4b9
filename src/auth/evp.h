// OpenSSL's objects, owned.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

namespace gatehouse::auth {

template <auto Free>
struct FreeBy {
    template <class T>
    void operator()(T* object) const noexcept
    {
        Free(object);
    }
};

using Pkey = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>>;
using DigestAlgorithm = std::unique_ptr<EVP_MD, FreeBy<EVP_MD_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;

/// Takes back the errors that OpenSSL queues while this lives: nginx would take what is left for
/// the errors of its next connection.
class ErrorMark {
public:
    ErrorMark() noexcept { ERR_set_mark(); }
    ErrorMark(const ErrorMark&) = delete;
    ErrorMark& operator=(const ErrorMark&) = delete;
    ~ErrorMark() { ERR_pop_to_mark(); }
};

}  // namespace gatehouse::auth
