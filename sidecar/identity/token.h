// An API token as the sidecar keeps it. Its text is nowhere: whoever has it was told once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/auth/sha256.h"

namespace gatehouse::identity {

/// Times are Unix time in seconds.
struct Token {
    std::int64_t number = 0;  ///< in the order of their making
    std::string id;
    std::string name;
    std::string user;
    std::string scopes;  ///< sorted, separated by one space
    std::string plan;
    std::string networks;  ///< as text, separated by one space
    std::int64_t created_s = 0;
    std::int64_t not_before_s = 0;
    std::optional<std::int64_t> expires_s;  ///< nothing: never
    std::optional<std::int64_t> revoked_s;
    std::optional<std::int64_t> last_used_s;  ///< to the minute, near enough

    bool operator==(const Token&) const = default;
};

struct Secret {
    auth::Digest digest{};  ///< SHA-256 of the whole token
    bool foreign = false;   ///< made elsewhere, of another shape
    std::int64_t created_s = 0;
    std::optional<std::int64_t> expires_s;  ///< nothing: with its token
};

}  // namespace gatehouse::identity
