// New tokens, of random bytes from the system.
#pragma once

#include <cstdint>
#include <string>

#include "sidecar/identity/token.h"
#include "src/base/result.h"

namespace gatehouse::identity {

Result<std::string> new_token_id();

/// A token's text, to be told once, and what is kept of it.
struct IssuedSecret {
    std::string text;
    Secret secret;
};

Result<IssuedSecret> new_secret(const std::string& id, std::int64_t now_s);

/// What is kept of a token that exists already. Fails on one that cannot be a token, with a message
/// that does not show it.
Result<Secret> secret_of(std::string_view token, std::int64_t now_s);

}  // namespace gatehouse::identity
