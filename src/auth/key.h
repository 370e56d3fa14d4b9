// A key that verifies signatures.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/auth/algorithm.h"

namespace gatehouse::auth {

/// One algorithm with one key, made ready: what OpenSSL would look up and allocate for each
/// signature is kept.
/// Thread safety: none; verify() changes the kept contexts.
class SignatureCheck {
public:
    virtual ~SignatureCheck() = default;

    /// Whether `signature` is that of `input`. Of any length: exactly one is right.
    virtual bool verify(std::string_view input, std::string_view signature) noexcept = 0;
};

/// A key says with which algorithms it is used, never the token. A key made for one has one; a key
/// that names none has those of its type, of which `usual` counts unless the policy lists others.
class Key {
public:
    struct Use {
        Algorithm algorithm;
        std::unique_ptr<SignatureCheck> check;
    };

    /// `uses` begins with the usual one. REQUIRES: not empty.
    Key(std::string kid, std::vector<Use> uses) noexcept
        : kid_(std::move(kid)), uses_(std::move(uses))
    {
    }

    /// Empty when it has none.
    std::string_view kid() const noexcept { return kid_; }

    Algorithm usual() const noexcept { return uses_.front().algorithm; }

    /// Null when this key is not for that algorithm.
    SignatureCheck* check(Algorithm algorithm) const noexcept
    {
        for (const auto& use : uses_) {
            if (use.algorithm == algorithm) {
                return use.check.get();
            }
        }
        return nullptr;
    }

private:
    std::string kid_;
    std::vector<Use> uses_;
};

}  // namespace gatehouse::auth
