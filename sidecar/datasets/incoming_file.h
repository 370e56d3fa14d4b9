// An upload's bytes on their way to a file that nobody else sees, and their hash.
//
// Thread safety: one thread at a time.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/datasets/outcome.h"
#include "src/base/unique_fd.h"

namespace gatehouse::datasets {

class IncomingFile {
public:
    /// In `directory`, which is made where there is none.
    static Outcome<std::unique_ptr<IncomingFile>> create(const std::string& directory);

    /// Removes the file.
    ~IncomingFile();
    IncomingFile(const IncomingFile&) = delete;
    IncomingFile& operator=(const IncomingFile&) = delete;

    /// Nothing, or why not: 507 on a full disk.
    Outcome<std::monostate> append(std::string_view bytes);

    /// SHA-256 of all bytes, in hexadecimal. REQUIRES: called once, at the end.
    std::string digest();

    const std::string& path() const noexcept { return path_; }
    std::uint64_t bytes() const noexcept { return bytes_; }

private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    };

    IncomingFile(std::string path, UniqueFd fd);

    std::string path_;
    UniqueFd fd_;
    std::unique_ptr<EVP_MD_CTX, Free> hash_;
    std::uint64_t bytes_ = 0;
};

/// 16 hexadecimal digits that are nobody else's.
std::string random_name();

std::string hexadecimal(std::string_view bytes);

/// Of several texts, so that no two lists of them give the same.
std::string digest_of(std::initializer_list<std::string_view> texts);

}  // namespace gatehouse::datasets
